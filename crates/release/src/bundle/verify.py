#!/usr/bin/env python3
"""Checks this release with nothing but Python's standard library.

    python3 verify.py [FOLDER]

Prints PASS, FAIL or NOT CHECKED for each check. Exit code: 0 nothing is wrong, 1 something is wrong.
Written apart from Folkmoot, so that two programs have to agree; what this one does not check,
`folkmoot verify` does.
"""

import hashlib
import json
import os
import sys

ROOT = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__)))
SUMS = "SHA256SUMS"
FORMATS = ["folkmoot-release/1", "folkmoot-release/2", "folkmoot-release/3"]
# Fewest answers that a public figure rests on, since the third format.
PUBLIC_THRESHOLD = 10
outcomes = []


def tell(outcome, name, detail):
    outcomes.append((outcome, name))
    print(f"{outcome:<11}  {name:<16}  {detail}")


def settle(name, passed, complaints):
    if not complaints:
        tell("PASS", name, passed)
    else:
        more = f"; and {len(complaints) - 10} more" if len(complaints) > 10 else ""
        tell("FAIL", name, "; ".join(complaints[:10]) + more)


def path_of(name):
    return os.path.join(ROOT, *name.split("/"))


def read(name):
    with open(path_of(name), "rb") as file:
        return file.read()


def load(name):
    return json.loads(read(name).decode("utf-8"))


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def canonical(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode("utf-8")


def hash_fields(domain, fields):
    """SHA-256 over fields, each with its length in front (8 bytes, little endian)."""
    digest = hashlib.sha256()
    for field in [domain.encode("utf-8"), *fields]:
        digest.update(len(field).to_bytes(8, "little"))
        digest.update(field)
    return digest.hexdigest()


def present_files():
    found, strange = [], []
    for folder, folders, files in os.walk(ROOT, followlinks=False):
        for name in folders + files:
            path = os.path.join(folder, name)
            relative = os.path.relpath(path, ROOT).replace(os.sep, "/")
            if os.path.islink(path) or not (os.path.isfile(path) or os.path.isdir(path)):
                strange.append(f"{relative}: not a plain file")
            elif os.path.isfile(path):
                found.append(relative)
    return sorted(found, key=lambda name: name.encode("utf-8")), strange


def check_sums():
    present, complaints = present_files()
    stated = {}
    text = read(SUMS).decode("utf-8")
    for number, line in enumerate(text.split("\n")[:-1], 1):
        digest, separator, name = line.partition("  ")
        if not separator or name in stated:
            complaints.append(f"{SUMS}: line {number} is no line of sums")
        stated[name] = digest
    lines = []
    for name in present:
        if name == SUMS:
            continue
        digest = hashlib.sha256()
        with open(path_of(name), "rb") as file:
            while piece := file.read(1 << 20):
                digest.update(piece)
        lines.append(f"{digest.hexdigest()}  {name}\n")
        if name not in stated:
            complaints.append(f"{name}: not listed in {SUMS}")
        elif stated.pop(name) != digest.hexdigest():
            complaints.append(f"{name}: changed")
    complaints += [f"{name}: listed in {SUMS}, but missing" for name in stated]
    if not complaints and "".join(lines) != text:
        complaints.append(f"{SUMS}: not in its canonical form")
    settle("sums", f"{len(lines)} files are what {SUMS} lists", complaints)


def check_snapshot(release):
    manifest = load("snapshot/manifest.json")
    parts = manifest["parts"]
    fields = []
    for name in ["items", "participants", "responses", "words", "round"]:
        fields += [name.encode(), bytes.fromhex(parts[name]["sha256"]), parts[name]["rows"].to_bytes(8, "little")]
    complaints = []
    found = hash_fields("folkmoot-snapshot/1", fields)
    for where, stated in [("snapshot/manifest.json", manifest["hash"]), ("release.json", release["snapshot"]["hash"])]:
        if stated != found:
            complaints.append(f"{where}: the parts hash to {found}, not to {stated}")
    items = hash_fields("folkmoot-snapshot/1/items", [canonical(item) for item in load("snapshot/items.json")])
    if items != parts["items"]["sha256"]:
        complaints.append("snapshot/items.json: not what the manifest says")
    about = [canonical(manifest["round"]), bytes([1 if manifest["simulated"] else 0])]
    if hash_fields("folkmoot-snapshot/1/round", about) != parts["round"]["sha256"]:
        complaints.append("snapshot/manifest.json: the round is not what its hash says")
    if manifest["simulated"] != release["simulated"]:
        complaints.append("release.json: the snapshot says otherwise of `simulated`")
    settle("snapshot", f"the parts hash to {found}", complaints)
    tell("NOT CHECKED", "snapshot cells", "Parquet is not read here; `folkmoot verify` recomputes the parts' hashes")
    return manifest


def check_results(release):
    complaints, results = [], []
    figures = load("figures.json")
    for entry, figure in zip(release["results"], figures):
        name = f"results/{entry['hash']}.json"
        data = read(name)
        result = json.loads(data.decode("utf-8"))
        if sha256(data) != entry["hash"]:
            complaints.append(f"{name}: the bytes hash to {sha256(data)}")
        if result["snapshot"] != release["snapshot"]["hash"]:
            complaints.append(f"{name}: it is over another snapshot")
        if figure["hash"] != entry["hash"] or figure["result"] != result:
            complaints.append(f"figures.json: not what {name} holds")
        results.append((name, result))
    if len(figures) != len(release["results"]):
        complaints.append(f"figures.json: {len(figures)} figures, where release.json names {len(release['results'])}")
    settle("results", f"{len(results)} results hash to their names", complaints)
    return results


def check_plugins(release, results):
    """Components are what they are called, and each is behind a result. They are not run here."""
    listed = release.get("plugins", [])
    used = {result["method"]["component"] for _, result in results if "component" in result["method"]}
    if not listed and not used:
        return
    complaints = []
    for entry in listed:
        name = f"plugins/{entry['sha256']}.wasm"
        if not os.path.isfile(path_of(name)):
            complaints.append(f"{name}: missing")
        elif sha256(read(name)) != entry["sha256"]:
            complaints.append(f"{name}: the bytes hash to {sha256(read(name))}")
        if entry["sha256"] not in used:
            complaints.append(f"{name}: no result names it")
        for where, result in results:
            method = result["method"]
            if method.get("component") == entry["sha256"] and (method["id"], method["version"]) != (entry["id"], entry["version"]):
                complaints.append(f"{where}: another id or version than release.json gives {name}")
    hashes = [entry["sha256"] for entry in listed]
    complaints += [f"plugins/{name}.wasm: a result names it, release.json does not" for name in sorted(used - set(hashes))]
    if hashes != sorted(set(hashes)) or release["counts"].get("plugins", 0) != len(hashes):
        complaints.append("release.json: the plugins are not counted, or not once each in order")
    folder = path_of("plugins")
    if os.path.isdir(folder):
        foreign = set(os.listdir(folder)) - {f"{name}.wasm" for name in hashes}
        complaints += [f"plugins/{name}: not in release.json" for name in sorted(foreign)]
    settle("plugins", f"{len(hashes)} plugins hash to their names", complaints)
    tell("NOT CHECKED", "plugin figures", "no plugin is run here; `folkmoot verify` runs each again, and checks signatures")


def check_responses(release, manifest):
    items = {item["id"]: item for item in load("data/items.json")}
    complaints, rows, seen = [], [], set()
    if list(items.values()) != load("snapshot/items.json"):
        complaints.append("data/items.json: not the items of the snapshot")
    with open(path_of("data/responses.jsonl"), encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            row = json.loads(line)
            key = (row["item"], row["participant"], row["view"])
            if row["item"] not in items:
                complaints.append(f"data/responses.jsonl: line {number}: no item {row['item']!r}")
            if key in seen:
                complaints.append(f"data/responses.jsonl: line {number}: the answer stands twice")
            if not release["words_included"] and row.get("rationale"):
                complaints.append(f"data/responses.jsonl: line {number}: words that should be withheld")
            seen.add(key)
            rows.append(row)
    counts = {"responses": len(rows), "items": len(items)}
    for name, found in counts.items():
        for where, stated in [("release.json", release["counts"][name]), ("snapshot", manifest["parts"][name]["rows"])]:
            if stated != found:
                complaints.append(f"{where}: counts {stated} {name}, the data has {found}")
    settle("counts", f"{len(rows)} responses to {len(items)} items", complaints)
    return items, rows


def first_places(order):
    """The candidates in the first place, and those that were not shown."""
    words = order.split(" ")
    hidden = {word[1:] for word in words if word.startswith("-")}
    return set(words[0].split(">")[0].split("=")), hidden


def tally(item, answers):
    """Rows asked and rows that took it, for each option."""
    kind = item["kind"]
    if kind == "vote":
        counts = {option: [len(answers), 0] for option in ["agree", "disagree", "pass"]}
        for answer in answers:
            counts[answer][1] += 1
        counts["agree_of_voted"] = [counts["agree"][1] + counts["disagree"][1], counts["agree"][1]]
        return counts
    counts = {candidate["id"]: [0, 0] for candidate in item["candidates"]}
    for answer in answers:
        taken, hidden = set(), set()
        if kind == "choose":
            taken = {answer}
        elif kind == "approve":
            taken = set(answer.split(";"))
        else:
            taken, hidden = first_places(answer)
        for option, count in counts.items():
            count[0] += option not in hidden
            count[1] += option in taken
    return counts


def check_shares(results, items, rows):
    """Computes the counts of every `shares` result again from the tidy rows."""
    for name, result in results:
        left_out = (result.get("quality") or {}).get("leave_out", False)
        if result["method"]["id"] != "shares" or result["by"] is not None or left_out:
            continue
        complaints, answers, hidden = [], {}, 0
        for row in rows:
            if row["view"] == result["view"]:
                answers.setdefault(row["item"], []).append(row["answer"])
        table = next(table for table in result["report"]["tables"] if table["id"] == "shares")
        places = {column["id"]: place for place, column in enumerate(table["columns"])}
        for cells in table["rows"]:
            item, option = cells[places["item"]], cells[places["option"]]
            asked, took = tally(items[item], answers.get(item, [])).get(option, [None, None])
            told = [cells[places["n"]], cells[places["count"]]]
            hidden += told[1] == "suppressed"
            if any(cell not in (found, "suppressed") for cell, found in zip(told, [asked, took])):
                complaints.append(f"{name}: {item}, {option}: {took} of {asked} took it in the data")
        counts = f"{len(table['rows']) - hidden} counts are those of the data, {hidden} are suppressed"
        settle("shares", f"{name}: {counts}", complaints)


def check_small_cells(release, results):
    """No result tells a base or count of few answers; that nothing gives one away is not checked here."""
    if release["format"] in FORMATS[:2]:
        return
    complaints = []
    for name, result in results:
        below = result.get("suppress_below", 0)
        if below < PUBLIC_THRESHOLD:
            complaints.append(f"{name}: suppressed below {below}, not {PUBLIC_THRESHOLD}")
        for table in result["report"]["tables"]:
            places = {column["id"]: place for place, column in enumerate(table["columns"]) if column["unit"] == "count"}
            if "n" not in places:
                continue
            for cells in table["rows"]:
                told = [cells[places[number]] for number in ("n", "count") if number in places]
                if told[0] != 0 and any(isinstance(number, int) and number < below for number in told):
                    complaints.append(f"{name}: {table['id']}: {cells} rests on fewer than {below} answers")
    settle("small cells", f"{len(results)} results suppress what rests on fewer than {PUBLIC_THRESHOLD} answers", complaints)


def check_spec(release):
    complaints = []
    for name, revision in [("spec/base.md", release["base_revision"]), ("spec/new.md", release["new_revision"])]:
        if revision is not None and sha256(read(name)) != revision["text_hash"]:
            complaints.append(f"{name}: not the text of {revision['name']}")
    decisions = {decision["name"]: decision for decision in load("spec/decisions.json")}
    complaints += [f"{name}: no reason" for name, decision in decisions.items() if not decision["reason"].strip()]
    for proposal in load("spec/proposals.json"):
        outcome = decisions.get(proposal["decision"], {}).get("outcome")
        if proposal["state"] == "applied" and outcome != "adopted":
            complaints.append(f"{proposal['name']}: applied, but not adopted")
    settle("spec", f"{len(decisions)} decisions, each with its reason", complaints)


def main():
    release = load("release.json")
    if release["format"] not in FORMATS:
        tell("FAIL", "format", f"release.json: unknown format {release['format']!r}")
        return
    check_sums()
    manifest = check_snapshot(release)
    results = check_results(release)
    check_plugins(release, results)
    items, rows = check_responses(release, manifest)
    check_shares(results, items, rows)
    check_small_cells(release, results)
    if release["base_revision"] is not None:
        check_spec(release)
    tell("NOT CHECKED", "figures", "`folkmoot verify` computes every figure again, bit for bit")
    tell("NOT CHECKED", "signature", "releases are not signed yet")


try:
    main()
except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError, StopIteration, RecursionError) as error:
    tell("FAIL", "content", f"the release cannot be read: {type(error).__name__}: {error}")
sys.exit(1 if any(outcome == "FAIL" for outcome, _ in outcomes) else 0)
