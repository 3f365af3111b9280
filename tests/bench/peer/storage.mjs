// What the peer keeps, in one table of PostgreSQL. Every statement has a name, so PostgreSQL parses
// and plans it once per connection.
import { readFileSync } from 'node:fs';
import pg from 'pg';

const { database } = JSON.parse(readFileSync(process.env.BENCH_PEER));
const connections = new pg.Pool({ ...database, max: 10 });

const TABLE = `
  CREATE TABLE artifact (
    kind text NOT NULL, key text NOT NULL, content jsonb NOT NULL,
    belongs_to text, handle text, ends timestamptz, used timestamptz,
    PRIMARY KEY (kind, key)
  );
  CREATE INDEX artifact_of_grant ON artifact (belongs_to) WHERE belongs_to IS NOT NULL;
  CREATE INDEX artifact_by_handle ON artifact (handle) WHERE handle IS NOT NULL;
`;

const STATEMENTS = {
  keep: `INSERT INTO artifact AS a (kind, key, content, belongs_to, handle, ends)
    VALUES ($1, $2, $3, $4, $5, now() + make_interval(secs => $6))
    ON CONFLICT (kind, key) DO UPDATE SET content = excluded.content,
      belongs_to = excluded.belongs_to, handle = excluded.handle, ends = excluded.ends`,
  by_key: `SELECT content, extract(epoch FROM used)::bigint AS used FROM artifact
    WHERE kind = $1 AND key = $2 AND (ends IS NULL OR ends > now())`,
  by_handle: `SELECT content, extract(epoch FROM used)::bigint AS used FROM artifact
    WHERE handle = $2 AND kind = $1 AND (ends IS NULL OR ends > now())`,
  use: 'UPDATE artifact SET used = now() WHERE kind = $1 AND key = $2',
  drop: 'DELETE FROM artifact WHERE kind = $1 AND key = $2',
  drop_all: 'DELETE FROM artifact WHERE belongs_to = $1',
};

function run(name, ...values) {
  return connections.query({ name, text: STATEMENTS[name], values });
}

async function read(name, ...values) {
  const { rows: [row] } = await run(name, ...values);
  if (!row) return undefined;
  return row.used === null ? row.content : { ...row.content, consumed: Number(row.used) };
}

export async function createTable() {
  await connections.query(TABLE);
  await connections.end();
}

export class Storage {
  constructor(kind) {
    this.kind = kind;
  }

  async upsert(key, content, seconds) {
    const handle = content.uid ?? content.userCode ?? null;
    const text = JSON.stringify(content);
    await run('keep', this.kind, key, text, content.grantId ?? null, handle, seconds ?? null);
  }

  find(key) {
    return read('by_key', this.kind, key);
  }

  findByUid(uid) {
    return read('by_handle', this.kind, uid);
  }

  findByUserCode(code) {
    return read('by_handle', this.kind, code);
  }

  async consume(key) {
    await run('use', this.kind, key);
  }

  async destroy(key) {
    await run('drop', this.kind, key);
  }

  async revokeByGrantId(grant) {
    await run('drop_all', grant);
  }
}
