package io.glucogrid.client.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.glucogrid.cli.Benchmark;
import io.glucogrid.client.Json;

/**
 * One measured figure against its mark.
 *
 * @param goal the bound; NaN where there is none
 * @param atLeast whether the value must reach the goal; otherwise it must stay below it
 */
record Figure(String name, double value, String unit, double goal, boolean atLeast) {
    /** A figure that must stay below its goal. */
    Figure(String name, double value, String unit, double goal) {
        this(name, value, unit, goal, false);
    }

    /** What another module measured. */
    static Figure of(Benchmark.Mark mark) {
        return new Figure(mark.name(), mark.value(), mark.unit(), mark.goal(), mark.atLeast());
    }

    boolean met() {
        return Double.isNaN(goal) || (atLeast ? value >= goal : value < goal);
    }

    ObjectNode json() {
        return Json.object()
                .put("name", name)
                .put("value", Math.round(value * 1000) / 1000.0)
                .put("unit", unit)
                .put("goal", Double.isNaN(goal) ? null : goal)
                .put("met", met());
    }
}
