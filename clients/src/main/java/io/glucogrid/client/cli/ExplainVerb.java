package io.glucogrid.client.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.glucogrid.client.ApiClient;
import io.glucogrid.client.Json;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code glucogrid features explain}: where each value comes from. */
@Command(
        name = "explain",
        description = "Tell where each online value comes from: view, row, times, age, owner, expression, and why it is"
                + " null.")
final class ExplainVerb extends ApiVerb {
    private static final long SECONDS_PER_MINUTE = 60;
    private static final long SECONDS_PER_HOUR = 3_600;
    private static final long SECONDS_PER_DAY = 86_400;

    @Mixin
    private EntityOptions asked;

    @Override
    int run(ApiClient client) {
        ObjectNode request = Json.object().put("feature_service", asked.service());
        request.set("entities", asked.entities());
        JsonNode answer = client.post("/features/explain", request).body();
        return answer(answer, text(answer));
    }

    private static String text(JsonNode answer) {
        StringBuilder text = new StringBuilder(answer.path("feature_service").asText())
                .append(", definitions version ")
                .append(answer.path("definitions_version").asText())
                .append(", asked at ")
                .append(answer.path("asked_at").asText())
                .append('\n');
        for (JsonNode entity : answer.path("entities")) {
            text.append('\n').append(Shown.value(entity.path("entity"))).append('\n');
            for (JsonNode value : entity.path("values")) {
                text.append("  ")
                        .append(value.path("name").asText())
                        .append(" = ")
                        .append(Shown.value(value.path("value")))
                        .append("  ")
                        .append(value.path("status").asText())
                        .append('\n');
                line(
                        text,
                        "feature",
                        value.path("feature").asText() + " "
                                + value.path("type").asText() + ", version "
                                + value.path("view_version").asText());
                if (value.has("expression")) {
                    line(
                            text,
                            "expression",
                            value.path("expression").asText() + "  with " + Shown.value(value.path("inputs")));
                }
                JsonNode row = value.path("row");
                if (row.has("event_timestamp")) {
                    line(
                            text,
                            "row",
                            row.path("event_timestamp").asText() + ", created "
                                    + row.path("created").asText()
                                    + ", age " + age(row.path("age_seconds").asDouble())
                                    + (row.path("ttl_seconds").isNumber()
                                            ? " of ttl "
                                                    + age(row.path("ttl_seconds")
                                                            .asDouble())
                                            : ", no ttl")
                                    + (row.path("expired").asBoolean() ? ", expired" : ""));
                }
                if (row.has("owner")) {
                    line(
                            text,
                            "owner",
                            Shown.value(row.path("owner")) + ", cache "
                                    + row.path("cache").asText() + ", source "
                                    + row.path("source").asText());
                }
                if (value.has("why_null")) {
                    line(text, "why null", value.path("why_null").asText());
                }
            }
        }
        return text.toString();
    }

    /** A time as {@code 3d 4h}, {@code 12m 5s}: its two greatest units. */
    static String age(double seconds) {
        long whole = Math.round(Math.abs(seconds));
        String sign = seconds < 0 ? "-" : "";
        if (whole >= SECONDS_PER_DAY) {
            return sign + whole / SECONDS_PER_DAY + "d " + whole % SECONDS_PER_DAY / SECONDS_PER_HOUR + "h";
        }
        return whole >= SECONDS_PER_HOUR
                ? sign + whole / SECONDS_PER_HOUR + "h " + whole % SECONDS_PER_HOUR / SECONDS_PER_MINUTE + "m"
                : sign + whole / SECONDS_PER_MINUTE + "m " + whole % SECONDS_PER_MINUTE + "s";
    }

    private static void line(StringBuilder text, String what, String said) {
        text.append("      ").append(what).append(": ").append(said).append('\n');
    }
}
