"""The service: co-routines on one loop, and a pool of threads for what would hold it up."""

import asyncio
import hashlib
import uuid
from contextlib import asynccontextmanager

from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import StreamingResponse

from orders.models import Accepted, Order


@asynccontextmanager
async def lifespan(_app):
    print("open")
    yield
    print(f"closed with {len(orders)} orders")


app = FastAPI(title="orders", lifespan=lifespan)
orders: dict[uuid.UUID, Order] = {}
gathered = asyncio.Barrier(4)


@app.post("/orders", status_code=201)
async def add(order: Order) -> Accepted:
    identity = uuid.uuid4()
    orders[identity] = order
    total = sum(item.price * item.count for item in order.items)
    return Accepted(id=identity, total=total)


@app.get("/orders/{identity}")
async def one(identity: uuid.UUID) -> Order:
    if identity not in orders:
        raise HTTPException(404, "no such order")
    return orders[identity]


@app.get("/digest/{rounds}")
def digest(rounds: int) -> str:
    """Not a co-routine: runs in a thread."""
    return hashlib.pbkdf2_hmac("sha256", b"orders", b"salt", rounds).hex()


@app.get("/together")
async def together() -> int:
    """Answers once four clients ask."""
    return await gathered.wait()


@app.put("/size")
async def size(request: Request) -> int:
    return sum([len(block) async for block in request.stream()])


@app.get("/numbers/{count}")
async def numbers(count: int) -> StreamingResponse:
    async def lines():
        for number in range(count):
            await asyncio.sleep(0)
            yield f"{number}\n"

    return StreamingResponse(lines(), media_type="text/plain")
