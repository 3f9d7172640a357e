package io.glucogrid.client.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.glucogrid.client.TextTable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Turns the grid's JSON into tables for people; unknown fields are shown, missing ones left empty. */
final class Shown {
    private Shown() {}

    /** A table for a list of records, else one line per field. */
    static String any(JsonNode answer) {
        return answer.isArray() ? records(answer) : fields(answer);
    }

    /** Columns by name, each a list with one value per entity. */
    static String columns(JsonNode columns) {
        List<String> names = names(columns);
        TextTable table = new TextTable(names);
        int rows = 0;
        for (String name : names) {
            rows = Math.max(rows, columns.get(name).size());
        }
        for (int row = 0; row < rows; row++) {
            List<String> cells = new ArrayList<>();
            for (String name : names) {
                cells.add(value(columns.get(name).path(row)));
            }
            table.row(cells);
        }
        return table.render();
    }

    /** A list of records that need not all have the same fields. */
    static String records(JsonNode records) {
        Set<String> names = new LinkedHashSet<>();
        records.forEach(record -> names.addAll(names(record)));
        TextTable table = new TextTable(new ArrayList<>(names));
        for (JsonNode record : records) {
            List<String> cells = new ArrayList<>();
            names.forEach(name -> cells.add(value(record.path(name))));
            table.row(cells);
        }
        return table.render();
    }

    /** One line per field. */
    static String fields(JsonNode object) {
        StringBuilder text = new StringBuilder();
        int width = names(object).stream().mapToInt(String::length).max().orElse(0);
        for (String name : names(object)) {
            text.append(name)
                    .append(" ".repeat(width - name.length() + 2))
                    .append(value(object.get(name)))
                    .append('\n');
        }
        return text.toString();
    }

    static List<String> names(JsonNode object) {
        List<String> names = new ArrayList<>();
        for (Iterator<String> fields = object.fieldNames(); fields.hasNext(); ) {
            names.add(fields.next());
        }
        return names;
    }

    /** Text as it is, null as {@code -}, objects as {@code name=value} pairs. */
    static String value(JsonNode value) {
        if (value.isMissingNode()) {
            return "";
        }
        if (value.isNull()) {
            return "-";
        }
        if (value.isObject()) {
            List<String> pairs = new ArrayList<>();
            names(value).forEach(name -> pairs.add(name + "=" + value(value.get(name))));
            return String.join(" ", pairs);
        }
        if (value.isArray()) {
            List<String> parts = new ArrayList<>();
            value.forEach(part -> parts.add(value(part)));
            return String.join(",", parts);
        }
        return value.asText();
    }
}
