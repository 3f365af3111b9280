"""How often, how many at once, how large: what one caller may take of a server that all share."""

from authserver.settings.environment import env

# So many requests a second may one client push to one server while others are being answered;
# 0 sets no limit.
PUSHES_PER_SECOND = env.int("AUTHSERVER_PUSHES_PER_SECOND", default=10)
# So many unknown codes and refresh tokens may one client show to one server in a minute; then it
# waits. 0 sets no limit.
GUESSES_PER_MINUTE = env.int("AUTHSERVER_GUESSES_PER_MINUTE", default=60)
# Passwords that one address may send in a minute, right or wrong. Behind the address of a mobile
# network stand thousands of people.
SIGN_INS_PER_MINUTE = env.int("AUTHSERVER_SIGN_INS_PER_MINUTE", default=30)

# So many passwords are hashed at once by one server, and no more: each takes some 40 ms of a core
# and 19 MB. Who finds no place waits for a second, or is told to try again.
PASSWORDS_AT_ONCE = env.int("AUTHSERVER_PASSWORDS_AT_ONCE", default=1)
# So many callers of one server may wait for hosts of others at once, half of them for one host;
# the files of gunicorn set a quarter of the server's threads. Who finds no place is refused.
OUTBOUND_AT_ONCE = env.int("AUTHSERVER_OUTBOUND_AT_ONCE", default=4)

DATA_UPLOAD_MAX_MEMORY_SIZE = 131_072
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000  # the admin's forms; the back channel counts for itself
DATA_UPLOAD_MAX_NUMBER_FILES = 1
