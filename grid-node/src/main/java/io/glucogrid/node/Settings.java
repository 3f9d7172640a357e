package io.glucogrid.node;

import io.glucogrid.grid.DidYouMean;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The {@code GRID_*} values that somebody gave explicitly; everything else keeps the default of the node's XML. */
public record Settings(Map<String, String> given) {
    public Settings {
        given = Map.copyOf(given);
    }

    /**
     * Takes the {@code GRID_*} variables of an environment; one without a value counts as not given.
     *
     * @throws GridException INVALID_CONFIG that names every key nobody knows, and every value that cannot be
     */
    public static Settings of(Map<String, String> environment) {
        Map<String, String> given = new TreeMap<>();
        List<String> problems = new ArrayList<>();
        new TreeMap<>(environment).forEach((key, value) -> {
            if (!key.startsWith("GRID_") || value.isBlank()) {
                return;
            }
            given.put(key, value);
            String problem = Setting.ofKey(key)
                    .map(setting -> setting.problem(value))
                    .orElseGet(() -> key + " is not a setting" + DidYouMean.suffix(key, Setting.keys()));
            if (!problem.isEmpty()) {
                problems.add(problem);
            }
        });
        if (!problems.isEmpty()) {
            throw new GridException(ErrorCode.INVALID_CONFIG, "configuration: " + String.join("; ", problems));
        }
        return new Settings(given);
    }

    boolean has(Setting setting) {
        return given.containsKey(setting.key());
    }

    @Nullable
    String value(Setting setting) {
        return given.get(setting.key());
    }
}
