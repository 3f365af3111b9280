"""Django's admin with a site of our own."""

from django.contrib.admin.apps import AdminConfig


class AdminSiteConfig(AdminConfig):
    default_site = "authserver.dashboard.site.OperatorSite"
