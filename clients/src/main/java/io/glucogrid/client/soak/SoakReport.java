package io.glucogrid.client.soak;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;

/**
 * What a soak found.
 *
 * @param stretches the time before any fault, then each fault
 * @param seconds from the first reading to the last commit
 * @param tier what {@code offline verify} says of the files
 */
record SoakReport(
        SoakOptions options, Verdict verdict, List<Struck> stretches, long seconds, MemoryWatch memory, JsonNode tier) {
    boolean ok() {
        return shortfalls().isEmpty();
    }

    /** What is wrong, one sentence each. */
    List<String> shortfalls() {
        List<String> wrong = new ArrayList<>();
        if (!verdict.holds()) {
            wrong.add("not every reading is where it belongs");
        }
        if (verdict.forecasts() == 0) {
            wrong.add("no forecasts were compared: no model was trained");
        }
        if (verdict.acknowledged() < options.readings()) {
            wrong.add("only " + verdict.acknowledged() + " of " + options.readings() + " readings were sent in "
                    + options.limit().toMinutes() + " minutes");
        }
        if (!options.faultEvery().isZero() && stretches.size() < 2) {
            wrong.add("there was no time for a fault");
        }
        for (Struck stretch : stretches) {
            if (stretch.isTooLong()) {
                wrong.add("reads of a partition had no answer for " + stretch.unavailableMillis() + " ms ("
                        + stretch.fault() + ")");
            }
        }
        wrong.addAll(memory.shortfalls());
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
        stretches.forEach(stretch -> struck.add(stretch.json()));
        json.set("memory", memory.json());
        ArrayNode wrong = json.putArray("wrong");
        shortfalls().forEach(wrong::add);
        return json.put("ok", ok());
    }

    String text() {
        List<String> lines = new ArrayList<>();
        lines.add(verdict.text());
        lines.add("rows that wait in the tier for a compaction to take the copy out " + repeated());
        stretches.forEach(stretch -> lines.add("  " + stretch.text()));
        lines.add("seconds " + seconds);
        lines.add("each process after collections, MiB");
        lines.add(memory.text());
        lines.add(ok() ? "ok" : "NOT OK: " + String.join("; ", shortfalls()));
        return String.join("\n", lines);
    }
}
