"""The models that connect words with pictures, over HTTP: which are there, and which can be fetched."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter
from pydantic import BaseModel, Field

from sinddm.backend.answers import REFUSALS
from sinddm.text import models, offers

router = APIRouter(responses=REFUSALS)


class Model(BaseModel):
    """A model that is there."""

    name: str
    bytes: int


class Offer(BaseModel):
    """A model that can be fetched by a job, `fetch`; to be shown before."""

    name: str
    bytes: int = Field(description="that will come, about")
    page: str = Field(description="where it comes from")
    licence: str


class Models(BaseModel):
    """What text has to work with."""

    usable: bool = Field(description="whether the package for it is installed")
    there: list[Model]
    offer: Offer = Field(description="the usual one")


@router.get("/models")
async def list_models() -> Models:
    """What is there for text. Asks no network."""
    return await asyncio.to_thread(_list)


def _list() -> Models:
    there = [Model(name=one.name, bytes=one.bytes) for one in models.installed()]
    usual = offers.USUAL_OFFER
    offer = Offer(name=usual.name, bytes=usual.bytes, page=usual.page, licence=usual.licence)
    return Models(usable=models.is_usable(), there=there, offer=offer)
