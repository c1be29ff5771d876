import asyncio
import os
import signal
import sys

import aiohttp
import uvloop
from aiohttp import web

from . import log, settings
from .clients import ProductService, UserService
from .errors import Unavailable
from .ordering import Ordering
from .settings import Settings
from .store import Store
from .web import Service

SWEEP_SECONDS = 30
LONGEST_REQUEST_SECONDS = 5


async def sweep_for_ever(ordering: Ordering) -> None:
    while True:
        await asyncio.sleep(SWEEP_SECONDS)
        try:
            if count := await ordering.sweep():
                log.write("info", "cancelled unfinished orders", count=count)
        except Unavailable as error:
            log.write("warn", "the sweep failed and will be repeated", error=error)


async def serve(configuration: Settings) -> None:
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)

    store = Store(configuration)
    await store.open()
    # A replaced service may have a new address, so an old one must not be remembered for long.
    connector = aiohttp.TCPConnector(limit=100, ttl_dns_cache=2, keepalive_timeout=15)
    async with aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar()) as session:
        users = UserService(session, configuration.user_service_url)
        ordering = Ordering(store, ProductService(session, configuration.product_service_url))
        service = Service(users, store, ordering)
        runner = web.AppRunner(
            service.application(),
            access_log=None,
            keepalive_timeout=75,
            shutdown_timeout=LONGEST_REQUEST_SECONDS,
        )
        await runner.setup()
        site = web.TCPSite(runner, host="0.0.0.0", port=configuration.port, backlog=1024)
        await site.start()
        sweeper = asyncio.create_task(sweep_for_ever(ordering))
        log.write("info", f"listening on port {configuration.port}")

        await stop.wait()
        service.draining = True
        log.write("info", "draining")
        await asyncio.sleep(configuration.drain_seconds)
        sweeper.cancel()
        await site.stop()
        await runner.cleanup()
    await store.close()
    log.write("info", "stopped")


def main() -> None:
    log.capture_libraries()
    try:
        configuration = settings.read(os.environ)
    except settings.Missing as error:
        log.write("error", str(error))
        sys.exit(1)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(configuration))


if __name__ == "__main__":
    main()
