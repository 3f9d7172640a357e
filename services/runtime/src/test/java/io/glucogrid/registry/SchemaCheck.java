package io.glucogrid.registry;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/** The part of JSON Schema that the published schema uses; scalars are compared by their text, as the parser reads them. */
final class SchemaCheck {
    private final JsonNode root;

    private SchemaCheck(JsonNode root) {
        this.root = root;
    }

    static List<String> problems(JsonNode schema, JsonNode value) {
        List<String> problems = new ArrayList<>();
        new SchemaCheck(schema).check(schema, value, "", problems);
        return problems;
    }

    private void check(JsonNode schema, JsonNode value, String place, List<String> problems) {
        if (schema.has("$ref")) {
            check(root.at(schema.path("$ref").asText().substring(1)), value, place, problems);
            return;
        }
        if (schema.has("anyOf")) {
            for (JsonNode choice : schema.path("anyOf")) {
                List<String> found = new ArrayList<>();
                check(choice, value, place, found);
                if (found.isEmpty()) {
                    return;
                }
            }
            problems.add(place + " fits nothing of anyOf");
            return;
        }
        JsonNode type = schema.path("type");
        if (!type.isMissingNode() && !isOfType(type, value)) {
            problems.add(place + " is no " + type);
            return;
        }
        if (schema.has("const") && !schema.path("const").asText().equals(value.asText())) {
            problems.add(place + " is not " + schema.path("const"));
        }
        if (schema.has("enum")) {
            List<String> choices = new ArrayList<>();
            schema.path("enum").forEach(choice -> choices.add(choice.asText()));
            if (!choices.contains(value.asText())) {
                problems.add(place + " is none of " + choices);
            }
        }
        if (schema.has("pattern")
                && !value.asText().matches(schema.path("pattern").asText())) {
            problems.add(place + " does not match " + schema.path("pattern"));
        }
        if (value.size() < schema.path("minItems").asInt(0)
                || value.size() < schema.path("minProperties").asInt(0)) {
            problems.add(place + " is too small");
        }
        schema.path("required").forEach(name -> {
            if (!value.has(name.asText())) {
                problems.add(place + " needs " + name);
            }
        });
        if (value.isArray()) {
            value.forEach(item -> check(schema.path("items"), item, place + "[]", problems));
        }
        value.fieldNames().forEachRemaining(name -> member(schema, value, name, place, problems));
    }

    private void member(JsonNode schema, JsonNode value, String name, String place, List<String> problems) {
        if (schema.has("propertyNames")) {
            check(
                    schema.path("propertyNames"),
                    com.fasterxml.jackson.databind.node.TextNode.valueOf(name),
                    place + "/" + name,
                    problems);
        }
        JsonNode more = schema.path("additionalProperties");
        if (schema.path("properties").has(name)) {
            check(schema.path("properties").path(name), value.path(name), place + "/" + name, problems);
        } else if (more.isObject()) {
            check(more, value.path(name), place + "/" + name, problems);
        } else if (more.isBoolean() && !more.asBoolean()) {
            problems.add(place + " may not have " + name);
        }
    }

    private static boolean isOfType(JsonNode type, JsonNode value) {
        if (type.isArray()) {
            for (JsonNode one : type) {
                if (isOfType(one, value)) {
                    return true;
                }
            }
            return false;
        }
        return switch (type.asText()) {
            case "object" -> value.isObject();
            case "array" -> value.isArray();
            case "boolean" -> value.asText().equals("true") || value.asText().equals("false");
            case "number", "integer" -> value.isNumber();
            case "null" -> value.isNull();
            default -> value.isValueNode() && !value.isNull();
        };
    }
}
