"""The permissions of account access, in words and in the order in which a person reads them."""

from django.utils.translation import gettext_noop as _

SENTENCES = {
    _("Your accounts"): {
        "ReadAccountsBasic": _("See the name, type and currency of each account"),
        "ReadAccountsDetail": _("See the number (IBAN) and the holder of each account"),
        "ReadProduct": _("See which product each account is, with its fees"),
        "ReadProductFinanceRates": _("See the profit or interest rates of each account"),
    },
    _("Your balances"): {
        "ReadBalances": _("See the balance of each account"),
    },
    _("Your transactions"): {
        "ReadTransactionsBasic": _("See the date and amount of each transaction"),
        "ReadTransactionsDetail": _("See who paid you or was paid, and the reference"),
        "ReadFXTransactionsBasic": _("See the date and amount of each currency exchange"),
        "ReadFXTransactionsDetail": _("See the rates and the parties of each currency exchange"),
        "ReadFXRemittanceCharges": _("See what transfers to other countries have cost"),
        "ReadStatements": _("See your statements"),
    },
    _("Your regular and future payments"): {
        "ReadDirectDebits": _("See your direct debits"),
        "ReadStandingOrdersBasic": _("See the dates and amounts of your standing orders"),
        "ReadStandingOrdersDetail": _("See who receives your standing orders"),
        "ReadScheduledPaymentsBasic": _("See the dates and amounts of payments you have planned"),
        "ReadScheduledPaymentsDetail": _("See who receives the payments you have planned"),
    },
    _("Your payees"): {
        "ReadBeneficiariesBasic": _("See the names of the payees you have saved"),
        "ReadBeneficiariesDetail": _("See the account numbers of the payees you have saved"),
    },
    _("You"): {
        "ReadPartyUser": _("See your name and how to reach you"),
        "ReadPartyUserIdentity": _("See your full name and your identity documents"),
        "ReadPartyPSUIdentity": _("See your full name and your identity documents"),
        "ReadConsents": _("See which access to your accounts you have given"),
        "ReadParty": _("See the name and address of every holder of the accounts"),
    },
}

ACCOUNTS = frozenset({"ReadAccountsBasic", "ReadAccountsDetail"})
NEED_ACCOUNTS = (
    frozenset(
        name for group in SENTENCES.values() for name in group if not name.startswith("ReadParty")
    )
    - ACCOUNTS
)
