// The peer: two workers of oidc-provider behind one port. The first process makes the table.
import cluster from 'node:cluster';
import { createServer } from 'node:http';
import { createTable } from './storage.mjs';

const WORKERS = 2;

if (cluster.isPrimary) {
  await createTable();
  for (let number = 0; number < WORKERS; number += 1) cluster.fork();
  // A run with a worker less would be no comparison.
  cluster.on('exit', () => process.exit(1));
} else {
  const { Provider } = await import('oidc-provider');
  const { configuration, given } = await import('./configuration.mjs');
  const provider = new Provider(given.issuer, configuration);
  provider.proxy = true;
  for (const place of ['grant', 'authorization', 'pushed_authorization_request', 'introspection',
    'userinfo', 'server']) {
    provider.on(`${place}${place === 'server' ? '_' : '.'}error`, (ctx, error) => {
      console.error(place, error.message, error.error_description, error.error_detail);
    });
  }
  const answer = provider.callback();

  // Where a person's pages are not what is measured, a browser may ask to be signed in, and to have
  // consented anew, without any.
  async function consentAtOnce(req, res) {
    const { params } = await provider.interactionDetails(req, res);
    const accountId = req.headers['x-person'];
    const grant = new provider.Grant({ accountId, clientId: params.client_id });
    grant.addOIDCScope(params.scope);
    if (params.resource) grant.addResourceScope(params.resource, params.scope);
    for (const detail of JSON.parse(params.authorization_details ?? '[]')) grant.addRar(detail);
    const result = { login: { accountId }, consent: { grantId: await grant.save() } };
    await provider.interactionFinished(req, res, result);
  }

  createServer({ keepAliveTimeout: 30_000 }, (req, res) => { // as long as ours
    if (!req.headers['x-person'] || !req.url.startsWith('/interaction/')) return answer(req, res);
    return consentAtOnce(req, res).catch((error) => {
      console.error(error);
      res.writeHead(500).end();
    });
  }).listen(given.port, '127.0.0.1');
}
