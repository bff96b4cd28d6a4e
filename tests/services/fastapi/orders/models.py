"""What clients send and get: checked by pydantic."""

from decimal import Decimal
from uuid import UUID

from pydantic import BaseModel, Field


class Item(BaseModel):
    name: str = Field(min_length=1, max_length=80)
    price: Decimal = Field(gt=0, decimal_places=2)
    count: int = Field(default=1, ge=1)


class Order(BaseModel):
    customer: str
    items: list[Item] = Field(min_length=1)


class Accepted(BaseModel):
    id: UUID
    total: Decimal
