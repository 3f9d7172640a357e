package io.glucogrid.client.soak;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/**
 * What a soak found.
 *
 * @param faults what went wrong, in order
 * @param seconds from the first reading to the last commit
 */
record SoakReport(Verdict verdict, List<String> faults, long seconds, MemoryWatch memory) {
    boolean ok() {
        return verdict.holds() && memory.isFlat();
    }

    ObjectNode json() {
        ObjectNode json = verdict.json().put("seconds", seconds);
        ArrayNode struck = json.putArray("faults");
        faults.forEach(struck::add);
        ArrayNode quarters = json.putArray("resident_mb_by_quarter");
        memory.quarters().forEach(quarters::add);
        json.set("resident_mb", memory.json());
        return json.put("memory_flat", memory.isFlat()).put("ok", ok());
    }

    String text() {
        return verdict.text() + "\nfaults " + faults.size() + " " + faults + "\nseconds " + seconds
                + "\nlargest node, MiB resident, by quarter of the time " + memory.quarters()
                + (memory.isFlat() ? " (flat)" : " (grows)") + "\n" + (ok() ? "ok" : "NOT OK");
    }
}
