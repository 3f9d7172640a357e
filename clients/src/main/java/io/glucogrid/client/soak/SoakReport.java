package io.glucogrid.client.soak;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;

/**
 * What a soak found.
 *
 * @param faults what went wrong, in order
 * @param seconds from the first reading to the last commit
 * @param tier what {@code offline verify} says of the files
 */
record SoakReport(
        SoakOptions options, Verdict verdict, List<String> faults, long seconds, MemoryWatch memory, JsonNode tier) {
    boolean ok() {
        return shortfalls().isEmpty();
    }

    /** What is wrong, one sentence each. */
    private List<String> shortfalls() {
        List<String> wrong = new ArrayList<>();
        if (!verdict.holds()) {
            wrong.add("not every reading is where it belongs");
        }
        if (verdict.acknowledged() < options.readings()) {
            wrong.add("only " + verdict.acknowledged() + " of " + options.readings() + " readings were sent in "
                    + options.limit().toMinutes() + " minutes");
        }
        if (!options.faultEvery().isZero() && faults.isEmpty()) {
            wrong.add("there was no time for a fault");
        }
        if (!memory.isFlat()) {
            wrong.add("memory grows");
        }
        if (!tier.path("ok").asBoolean()) {
            wrong.add("the tier has damaged files");
        }
        return wrong;
    }

    private long repeated() {
        long repeated = 0;
        for (JsonNode table : tier.path("tables")) {
            repeated += table.path("repeated").asLong();
        }
        return repeated;
    }

    ObjectNode json() {
        ObjectNode json = verdict.json().put("seconds", seconds).put("stored_twice", repeated());
        ArrayNode struck = json.putArray("faults");
        faults.forEach(struck::add);
        ArrayNode quarters = json.putArray("resident_mb_by_quarter");
        memory.quarters().forEach(quarters::add);
        json.set("resident_mb", memory.json());
        json.set("memory", memory.measuresJson());
        ArrayNode wrong = json.put("memory_judged", memory.isJudged())
                .put("memory_flat", memory.isFlat())
                .putArray("wrong");
        shortfalls().forEach(wrong::add);
        return json.put("ok", ok());
    }

    String text() {
        return verdict.text() + "\nrows that wait in the tier for a compaction to take the copy out " + repeated()
                + "\nfaults " + faults.size() + " " + faults + "\nseconds " + seconds
                + "\nlargest node, MiB resident, by quarter of the time " + memory.quarters()
                + "\nlargest node after a collection, MiB\n" + memory.text()
                + "\nmemory "
                + (memory.isJudged() ? memory.isFlat() ? "flat" : "grows" : "was measured too seldom to tell") + "\n"
                + (ok() ? "ok" : "NOT OK: " + String.join("; ", shortfalls()));
    }
}
