"""A client written from the contracts alone: grpcio and the server's reflection, no generated code.

Usage: client.py HOST:PORT. Creates a spec and a round of new names, submits answers, analyses them, and prints the result's
JSON on stdout. Exits with 1 and a message where anything is not as the contract says.
"""

import json
import sys
import uuid

import grpc
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

SPEC = b"""# Library rules {#rules authority=council}

Books are lent for three weeks.
"""


class Folkmoot:
    """Calls any method of any service by name, with messages given as dictionaries."""

    def __init__(self, address):
        self.channel = grpc.insecure_channel(address)
        self.database = ProtoReflectionDescriptorDatabase(self.channel)
        self.pool = DescriptorPool(self.database)

    def services(self):
        return set(self.database.get_services())

    def message(self, name, /, **fields):
        return GetMessageClass(self.pool.FindMessageTypeByName(name))(**fields)

    def call(self, service, method, /, **fields):
        descriptor = self.pool.FindServiceByName(service).methods_by_name[method]
        request = GetMessageClass(descriptor.input_type)(**fields)
        answer = GetMessageClass(descriptor.output_type)
        path = f"/{service}/{method}"
        return self.channel.unary_unary(
            path, request_serializer=type(request).SerializeToString, response_deserializer=answer.FromString
        )(request, timeout=30)

    def stream(self, service, method, /, requests):
        descriptor = self.pool.FindServiceByName(service).methods_by_name[method]
        request = GetMessageClass(descriptor.input_type)
        answer = GetMessageClass(descriptor.output_type)
        return self.channel.stream_stream(
            f"/{service}/{method}", request_serializer=request.SerializeToString, response_deserializer=answer.FromString
        )(iter(requests), timeout=30)

    def finish(self, operation):
        """Waits for an operation and unpacks what it made."""
        while not operation.done:
            operation = self.call("google.longrunning.Operations", "WaitOperation", name=operation.name)
        if operation.HasField("error"):
            raise SystemExit(f"operation failed: {operation.error.message}")
        name = operation.response.type_url.rsplit("/", 1)[1]
        return GetMessageClass(self.pool.FindMessageTypeByName(name)).FromString(operation.response.value)


def expect(condition, message):
    if not condition:
        raise SystemExit(f"not as the contract says: {message}")


def refused(call, reason):
    """Whether the call is refused with that reason in its ErrorInfo."""
    try:
        call()
    except grpc.RpcError as error:
        details = dict(error.trailing_metadata()).get("grpc-status-details-bin", b"")
        return reason.encode() in details
    return False


def main(address):
    folkmoot = Folkmoot(address)
    expect("folkmoot.survey.v1.SurveyService" in folkmoot.services(), "reflection lists the services")
    health = folkmoot.call("grpc.health.v1.Health", "Check", service="folkmoot.survey.v1.SurveyService")
    expect(health.status == 1, "the survey service is healthy")

    survey, response = "folkmoot.survey.v1.SurveyService", "folkmoot.response.v1.ResponseService"
    spec, aggregation = "folkmoot.spec.v1.SpecService", "folkmoot.aggregation.v1.AggregationService"
    new = uuid.uuid4().hex[:8]
    library, name = f"library-{new}", f"rounds/py-{new}"
    folkmoot.call(spec, "CreateSpec", spec_id=library, spec={"title": "Library rules"})
    revision = folkmoot.call(spec, "ImportRevision", parent=f"specs/{library}", revision_id="1", source=SPEC)
    expect(revision.clause_count == 1, "one clause is imported")

    described = {"title": "From Python", "spec_revision": revision.name}
    folkmoot.call(survey, "CreateRound", round_id=f"py-{new}", round=described)
    item = {"kind": "ITEM_KIND_VOTE", "prompt": "Three weeks are enough.", "clauses": ["rules"]}
    folkmoot.call(survey, "CreateItem", parent=name, item_id="weeks", item=item)
    folkmoot.call(survey, "OpenRound", name=name)

    def submission(number, vote):
        return {
            "round": name,
            "request_id": f"r{number}",
            "participant": f"p{number}",
            "answers": [{"item": "weeks", "vote": vote}],
        }

    first = submission(0, "VOTE_AGREE")
    receipt = folkmoot.call(response, "SubmitResponses", **first)
    again = folkmoot.call(response, "SubmitResponses", **first)
    expect(receipt.SerializeToString() == again.SerializeToString(), "a retry gives the same receipt, byte for byte")
    unknown = submission(999, "VOTE_AGREE") | {"answers": [{"item": "moons", "vote": "VOTE_AGREE"}]}
    expect(refused(lambda: folkmoot.call(response, "SubmitResponses", **unknown), "UNKNOWN_ITEM"), "an unknown item is refused")

    votes = ["VOTE_AGREE"] * 119 + ["VOTE_DISAGREE"] * 60 + ["VOTE_PASS"] * 20
    requests = [
        folkmoot.message(
            "folkmoot.response.v1.IngestResponsesRequest", sequence=number, submission=submission(number, vote)
        )
        for number, vote in enumerate(votes, start=1)
    ]
    acknowledgements = list(folkmoot.stream(response, "IngestResponses", requests))
    expect(acknowledgements[-1].up_to_sequence == len(votes), "the stream acknowledges everything")
    expect(acknowledgements[-1].accepted_count == len(votes), "the stream accepts everything")

    def raw(data):
        return folkmoot.channel.unary_unary(f"/{response}/SubmitResponses", lambda sent: sent, lambda got: got)(data)

    expect(refused(lambda: raw(b"\xff\xff\xff"), "MALFORMED_MESSAGE"), "what is no message is refused as such")
    expect(refused(lambda: raw(b"\x0a\x02\xc3\x28"), "MALFORMED_MESSAGE"), "text that is no UTF-8 is refused")
    expect(refused(lambda: raw(b"\x0a" + b"\x80\x80\x80\x04" + b"x" * (8 << 20)), "MESSAGE_TOO_LARGE"), "too large a message is refused")

    folkmoot.call(survey, "CloseRound", name=name)
    snapshot = folkmoot.finish(folkmoot.call(survey, "SealSnapshot", name=name))
    expect(snapshot.response_count == 200, "two hundred answers are sealed")

    run = {"snapshot": snapshot.name, "method": "shares"}
    analysis = folkmoot.finish(folkmoot.call(aggregation, "RunAnalysis", spec=run))
    result = folkmoot.call(aggregation, "GetResult", name=analysis.result)
    print(json.dumps(json.loads(result.json)))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit("usage: client.py HOST:PORT")
    try:
        main(sys.argv[1])
    except grpc.RpcError as error:
        raise SystemExit(f"{error.code().name}: {error.details()}") from None
