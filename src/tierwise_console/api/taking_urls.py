"""Where events are sent to: at the addresses that their senders know, directly below the root."""

from django.urls import path, re_path

from tierwise_console.api import taking

urlpatterns = [
    path("v1/batch", taking.segment_batch),
    path("v1/cloudevents", taking.cloud_events),
    re_path(r"^v1/(?P<call>identify|track|page|screen|group|alias)$", taking.segment_call),
    path("mp/collect", taking.ga4_collect),
]
