"""People and how they sign in: passwords, the second factor, and what allauth is told."""

from authserver.settings.limits import SIGN_INS_PER_MINUTE

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["authserver.accounts.backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "authserver.accounts.passwords.Argon2Hasher",
    "authserver.accounts.passwords.PBKDF2Hasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "authserver.accounts.passwords.OpaqueString"},
    *(
        {"NAME": f"django.contrib.auth.password_validation.{name}"}
        for name in (
            "UserAttributeSimilarityValidator",
            "MinimumLengthValidator",
            "CommonPasswordValidator",
            "NumericPasswordValidator",
        )
    ),
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "consents:list"

ACCOUNT_ADAPTER = "authserver.accounts.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_PREVENT_ENUMERATION = True
ATTEMPT_RATES = {
    "login": f"{SIGN_INS_PER_MINUTE}/m/ip",
    "login_failed": "50/5m/ip,5/5m/key",  # in this order: an address leaves so many names behind
}
ACCOUNT_RATE_LIMITS = dict.fromkeys(
    ATTEMPT_RATES
)  # counted by us (authserver/accounts/attempts.py)
ACCOUNT_FORMS = {
    "login": "authserver.accounts.forms.SignInForm",
    "reauthenticate": "authserver.accounts.forms.PasswordAgainForm",
    "change_password": "authserver.accounts.forms.PasswordForm",
}
MFA_FORMS = {
    "authenticate": "authserver.accounts.forms.SecondFactorForm",
    "reauthenticate": "authserver.accounts.forms.SecondFactorAgainForm",
    "activate_totp": "authserver.accounts.forms.SetUpForm",
}
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_ADAPTER = "authserver.accounts.adapters.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_TOLERANCE = 1
