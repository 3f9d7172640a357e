package io.glucogrid.client.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/** A plan of the registry for people. */
final class PlanText {
    private PlanText() {}

    static String of(JsonNode plan) {
        if (!plan.path("changed").asBoolean()) {
            return "No changes: the grid serves these definitions, registry version "
                    + plan.path("version").asText() + ".\n";
        }
        StringBuilder text = new StringBuilder();
        for (JsonNode change : plan.path("changes")) {
            text.append(sign(change.path("action").asText()))
                    .append(' ')
                    .append(change.path("kind").asText())
                    .append(' ')
                    .append(change.path("name").asText())
                    .append('\n');
            for (JsonNode detail : change.path("details")) {
                text.append("    ")
                        .append(detail.path("field").asText())
                        .append(": ")
                        .append(shown(detail.path("from")))
                        .append(" -> ")
                        .append(shown(detail.path("to")))
                        .append('\n');
            }
        }
        online(plan.path("online_store"), text);
        services(plan.path("feature_services_affected"), text);
        JsonNode summary = plan.path("summary");
        return text.append("Registry version ")
                .append(plan.path("version").asText())
                .append(": ")
                .append(summary.path("create").asText())
                .append(" to create, ")
                .append(summary.path("update").asText())
                .append(" to update, ")
                .append(summary.path("delete").asText())
                .append(" to delete.\n")
                .toString();
    }

    private static void online(JsonNode views, StringBuilder text) {
        if (!views.isEmpty()) {
            text.append("Online store\n");
        }
        for (JsonNode view : views) {
            String rows = view.path("rows").asText();
            String said =
                    switch (view.path("action").asText()) {
                        case "start" -> "starts empty; materialize, push or stream to fill it";
                        case "reencode" -> rows + " rows re-encoded";
                        default -> rows + " rows removed";
                    };
            text.append("    ")
                    .append(view.path("feature_view").asText())
                    .append(": ")
                    .append(said);
            if (!view.path("new_features").isEmpty()) {
                text.append("; new: ").append(Shown.value(view.path("new_features")));
            }
            text.append('\n');
        }
    }

    private static void services(JsonNode services, StringBuilder text) {
        if (!services.isEmpty()) {
            text.append("Feature services affected\n");
        }
        for (JsonNode service : services) {
            List<String> parts = new ArrayList<>();
            service.path("columns_added").forEach(column -> parts.add("+" + column.asText()));
            service.path("columns_removed").forEach(column -> parts.add("-" + column.asText()));
            service.path("columns_retyped").forEach(column -> parts.add("~" + column.asText()));
            text.append("    ").append(service.path("name").asText()).append(": ");
            text.append(parts.isEmpty() ? "same columns" : String.join(" ", parts));
            text.append(service.path("breaking").asBoolean() ? ", BREAKING" : "");
            text.append(" (").append(Shown.value(service.path("because"))).append(")\n");
        }
    }

    private static String sign(String action) {
        return switch (action) {
            case "create" -> "+";
            case "delete" -> "-";
            default -> "~";
        };
    }

    private static String shown(JsonNode part) {
        return part.isNull() || part.isMissingNode() ? "(none)" : part.asText();
    }
}
