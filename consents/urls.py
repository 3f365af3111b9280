"""The pages about consents: two steps of a journey, and what a person finds afterwards."""

from django.urls import path

from consents.views import journey, mine

app_name = "consents"
urlpatterns = [
    path("consents/", mine.overview, name="list"),
    path("consents/<uuid:pk>", mine.detail, name="detail"),
    path("consents/<uuid:pk>/receipt", mine.receipt, name="receipt"),
    path("consents/<uuid:pk>/revoke", mine.revoke, name="revoke"),
    path("<slug:slug>/consent/<str:handle>/accounts", journey.accounts, name="accounts"),
    path("<slug:slug>/consent/<str:handle>/time", journey.more_time, name="more-time"),
    path("<slug:slug>/consent/<str:handle>", journey.review, name="review"),
]
