"""Digests delivered by Apprise: to a webhook, Slack, mail or whatever else a URL of its names."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

import apprise

from nba_backfill.backfill.alerts import News


class DeliveryError(RuntimeError):
    """A digest did not arrive; it is told again next time. No address is in the message."""


def deliver(urls: Sequence[str], news: News) -> None:
    """Send one digest to every address; nothing to tell, nothing sent.

    Raises DeliveryError naming the kinds of address that cannot be used or did not take it. An
    address holds its secret, so none is ever repeated.
    """
    if not (news.new or news.mended) or not urls:
        return
    refused = []
    for place, url in enumerate(urls, start=1):
        sender = apprise.Apprise()
        kind = f"NBA_ALERTS_URLS no. {place} ({urlsplit(url).scheme or 'no scheme'})"
        if not sender.add(url):
            refused.append(f"{kind} is no address that Apprise knows")
            continue
        errors = any(alert.condition.is_error for alert in news.new)
        sent = sender.notify(
            title=news.title,
            body=news.text,
            notify_type=apprise.NotifyType.FAILURE if errors else apprise.NotifyType.INFO,
            body_format=apprise.NotifyFormat.TEXT,
        )
        if not sent:
            refused.append(f"{kind} did not take it")
    if refused:
        raise DeliveryError(f"the digest did not arrive: {'; '.join(refused)}")
