"""Language models: clients, and everything that stands between a prompt and a usable answer.

Every model is an AutoGen `ChatCompletionClient`. The way of a call:

    structured    an answer in a schema is asked for, validated, asked for once more
    shared        one client per model and process: what follows down to the client itself
      context       the oldest turns go where the prompt is too long
      cache         answers kept across runs
      single_flight equal calls at the same time become one
      retry, flow   asking again; how many calls at a time
      accounting    what it costs, and where the budget ends
    endpoint      any OpenAI-compatible server: completion, stream, refusals, connections, secrets
    smollm2, huggingface, replay    weights in this process; a record of earlier answers

Encoders, which make vectors of texts, are no chat models: `embedding` chooses one by name,
`text_index` ranks texts by them, `embedding_cache` keeps vectors on disk.

Models are configured by name in YAML files (`model_file`) and made by `registry.ModelPool`.

May import trajectories and tools. The submodules are imported one by one, because most callers
need few of them and some bring large libraries along.
"""

from .errors import (
    BudgetExceeded,
    ContextOverflow,
    EndpointError,
    InvalidAnswer,
    ModelError,
    ModelUnavailable,
)

__all__ = [
    "BudgetExceeded",
    "ContextOverflow",
    "EndpointError",
    "InvalidAnswer",
    "ModelError",
    "ModelUnavailable",
]
