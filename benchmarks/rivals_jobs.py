"""One rival's part of `scripts/bench jobs`, run in the rivals' environment: rivals_jobs.py NAME put|work URL COUNT.

It says `ready`, waits for a line, does COUNT jobs, and prints what that cost as JSON. A job takes no time and returns a
short text, which is kept as its result. Nothing of capsule is imported.
"""

# mypy: disable-error-code="import-not-found,untyped-decorator"
# The rivals are in an environment of their own.
import asyncio
import json
import os
import sys
import time
from collections.abc import Callable
from typing import Any

NAME, PHASE, URL, COUNT = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
CALLERS = 100
DATA = "x" * 100
RESULT = '{"code":200,"id":"12-81","verdict":{"allowed":true}}'

clock = [0.0, 0.0]
done = 0


def ready() -> None:
    print("ready", flush=True)
    sys.stdin.readline()
    clock[:] = time.perf_counter(), time.process_time()


def finish() -> None:
    seconds, cpu = time.perf_counter() - clock[0], time.process_time() - clock[1]
    os.write(
        1, (json.dumps({"seconds": seconds, "cpu": cpu}) + "\n").encode()
    )  # Celery takes sys.stdout away
    os._exit(0)  # the measurement is over: no need to wait for anybody's clean-up


def work_one() -> str:
    global done
    done += 1
    if done == COUNT:
        finish()
    return RESULT


async def callers(put: Callable[[int], Any]) -> None:
    async def caller(number: int) -> None:
        for n in range(number, COUNT, CALLERS):
            await put(n)

    await asyncio.gather(*(caller(number) for number in range(CALLERS)))


async def arq_job(ctx: dict[str, Any], data: str) -> str:
    return work_one()


def arq() -> None:
    from arq import create_pool
    from arq.connections import RedisSettings
    from arq.worker import Worker

    settings = RedisSettings.from_dsn(URL)

    async def put() -> None:
        pool = await create_pool(settings)
        ready()
        await callers(lambda n: pool.enqueue_job("arq_job", DATA))
        finish()

    async def work() -> None:
        ready()
        await Worker([arq_job], redis_settings=settings, max_jobs=CALLERS, poll_delay=0.01).async_run()

    asyncio.run(put() if PHASE == "put" else work())


async def saq_job(ctx: dict[str, Any], *, data: str) -> str:
    return work_one()


def saq() -> None:
    from saq import Queue, Worker

    async def put() -> None:
        queue = Queue.from_url(URL)
        await queue.connect()
        ready()
        await callers(lambda n: queue.enqueue("saq_job", data=DATA))
        finish()

    async def work() -> None:
        queue = Queue.from_url(URL)
        ready()
        await Worker(queue, [saq_job], concurrency=CALLERS).start()

    asyncio.run(put() if PHASE == "put" else work())


def rq_job(data: str) -> str:
    return work_one()


def rq() -> None:
    import redis
    from rq import Queue, SimpleWorker

    connection = redis.Redis.from_url(URL)
    queue = Queue(connection=connection)
    if PHASE == "put":
        ready()
        for _ in range(0, COUNT, CALLERS):
            # Its own way to put many at once.
            jobs = [Queue.prepare_data(f"{__name__}.rq_job", (DATA,)) for _ in range(CALLERS)]
            queue.enqueue_many(jobs)
        finish()
    ready()
    SimpleWorker([queue], connection=connection).work(burst=True, logging_level="ERROR")


def dramatiq() -> None:
    import dramatiq as library
    from dramatiq.brokers.redis import RedisBroker
    from dramatiq.results import Results
    from dramatiq.results.backends import RedisBackend

    broker = RedisBroker(url=URL)
    broker.add_middleware(Results(backend=RedisBackend(url=URL)))
    library.set_broker(broker)
    actor = library.actor(store_results=True)(dramatiq_job)
    if PHASE == "put":
        ready()
        for _ in range(COUNT):
            actor.send(DATA)
        finish()
    worker = library.Worker(broker, worker_threads=8)
    ready()
    worker.start()
    time.sleep(600)


def dramatiq_job(data: str) -> str:
    return work_one()


def taskiq() -> None:
    from taskiq.api import run_receiver_task
    from taskiq_redis import RedisAsyncResultBackend, RedisStreamBroker

    broker = RedisStreamBroker(URL).with_result_backend(RedisAsyncResultBackend(URL))

    @broker.task(task_name="taskiq_job")
    async def taskiq_job(data: str) -> str:
        return work_one()

    async def put() -> None:
        await broker.startup()
        ready()
        await callers(lambda n: taskiq_job.kiq(DATA))
        finish()

    async def work() -> None:
        broker.is_worker_process = True
        await broker.startup()
        ready()
        await run_receiver_task(broker, max_async_tasks=CALLERS)

    asyncio.run(put() if PHASE == "put" else work())


def celery() -> None:
    from celery import Celery

    app = Celery("jobs", broker=URL, backend=URL)
    app.conf.update(broker_connection_retry_on_startup=False, worker_prefetch_multiplier=CALLERS)

    @app.task(name="celery_job")
    def celery_job(data: str) -> str:
        return work_one()

    if PHASE == "put":
        ready()
        for _ in range(COUNT):
            celery_job.delay(DATA)
        finish()
    ready()
    app.worker_main(
        [
            "worker",
            "--pool=solo",
            "--loglevel=ERROR",
            "--without-gossip",
            "--without-mingle",
            "--without-heartbeat",
        ]
    )


if __name__ == "__main__":
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    globals()[NAME]()
