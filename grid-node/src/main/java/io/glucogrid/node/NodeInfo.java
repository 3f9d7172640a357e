package io.glucogrid.node;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a started node tells its operator.
 *
 * @param api address of the feature API; null where the node's XML has none
 * @param restPort null where Ignite REST is off
 * @param kafka what the streams connect to
 */
public record NodeInfo(
        String name,
        long pid,
        int nodes,
        @Nullable String api,
        @Nullable Integer restPort,
        @Nullable Integer connectorPort,
        @Nullable Integer thinPort,
        int discoveryPort,
        int communicationPort,
        String tier,
        String kafka,
        String workDir,
        long startMillis) {

    /** For machines: one JSON object. */
    Map<String, @Nullable Object> asJson() {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("name", name);
        json.put("pid", pid);
        json.put("nodes", nodes);
        json.put("api", api);
        json.put("rest", rest());
        json.put("rest_port", restPort);
        json.put("connector_port", connectorPort);
        json.put("thin_port", thinPort);
        json.put("discovery_port", discoveryPort);
        json.put("communication_port", communicationPort);
        json.put("tier", tier);
        json.put("kafka", kafka);
        json.put("work_dir", workDir);
        json.put("start_ms", startMillis);
        return json;
    }

    private @Nullable String rest() {
        return restPort == null ? null : "http://localhost:" + restPort + "/ignite";
    }

    /** For people: one line per fact. */
    String asTable() {
        Map<String, @Nullable String> rows = new LinkedHashMap<>();
        rows.put("node", name + " (pid " + pid + ", " + (nodes == 1 ? "alone" : nodes + " nodes") + ")");
        rows.put("feature API", api);
        rows.put("Ignite REST", rest());
        rows.put("thin clients", thinPort == null ? null : "localhost:" + thinPort);
        rows.put("discovery", Integer.toString(discoveryPort));
        rows.put("Parquet tier", tier);
        rows.put("Kafka", kafka);
        rows.put("work directory", workDir);
        rows.put("started in", String.format("%.1f s", startMillis / 1000.0));
        StringBuilder table = new StringBuilder();
        rows.forEach(
                (label, value) -> table.append(String.format("  %-15s %s%n", label, value == null ? "off" : value)));
        return table.toString();
    }
}
