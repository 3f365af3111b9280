"""How long records are kept before ``manage.py purge`` deletes them, in days."""

from authserver.settings.environment import env

# So long after their end tokens are kept, as a record; then ``manage.py purge`` deletes them.
TOKEN_RETENTION_DAYS = env.int("AUTHSERVER_TOKEN_RETENTION_DAYS", default=90)
# So long the record of a refusal is kept, for whoever asks why, with the address that the call came
# from; then ``purge`` deletes it too.
REFUSAL_RETENTION_DAYS = env.int("AUTHSERVER_REFUSAL_RETENTION_DAYS", default=90)
# So long the audit trail keeps who signed in, or failed to; then ``purge`` deletes it. What people
# decided and what operators changed is never deleted.
LOGIN_RETENTION_DAYS = env.int("AUTHSERVER_LOGIN_RETENTION_DAYS", default=400)
# So long it keeps the traffic of clients: requests pushed and opened, tokens issued, keys fetched.
TRAFFIC_RETENTION_DAYS = env.int("AUTHSERVER_TRAFFIC_RETENTION_DAYS", default=400)
