package io.glucogrid.client.bench;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.glucogrid.client.Json;
import io.glucogrid.client.TextTable;
import java.util.List;
import java.util.Locale;

/**
 * What a benchmark found.
 *
 * @param before the machine when it began, whose load the benchmark did not make
 */
record BenchReport(List<Figure> figures, Machine before, Machine after) {
    boolean met() {
        return figures.stream().allMatch(Figure::met);
    }

    ObjectNode json() {
        ObjectNode json = Json.object();
        ArrayNode all = json.putArray("figures");
        figures.forEach(figure -> all.add(figure.json()));
        json.set("machine", after.json().put("load_before", Math.round(before.load() * 100) / 100.0));
        return json;
    }

    String text() {
        TextTable table = new TextTable(List.of("figure", "value", "goal", "unit", "met"));
        for (Figure figure : figures) {
            table.row(List.of(
                    figure.name(),
                    String.format(Locale.ROOT, "%.3f", figure.value()),
                    Double.isNaN(figure.goal()) ? "-" : String.format(Locale.ROOT, "%.3f", figure.goal()),
                    figure.unit(),
                    figure.met() ? "yes" : "no"));
        }
        return table.render()
                + String.format(
                        Locale.ROOT,
                        "%nload %.2f before, %.2f after, on %d cores; %s; Java %s%n",
                        before.load(),
                        after.load(),
                        after.cores(),
                        after.os(),
                        after.java());
    }
}
