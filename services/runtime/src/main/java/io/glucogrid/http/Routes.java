package io.glucogrid.http;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Which endpoint answers a method and a path. Built once, then read only. */
final class Routes {
    private final Map<String, Map<String, CallHandler>> exact = new HashMap<>();
    private final List<Pattern> patterns = new ArrayList<>();

    private record Pattern(String path, String[] parts, Map<String, CallHandler> methods) {}

    /**
     * A known path.
     *
     * @param name the path as it was declared; the endpoint's name in metrics
     */
    record Match(String name, Map<String, CallHandler> methods, Map<String, String> parameters) {
        /** Value of the {@code Allow} header. */
        String allowed() {
            return String.join(", ", methods.keySet());
        }
    }

    /** Adds an endpoint; a part {@code {name}} of the path takes any value. */
    Routes add(String method, String path, CallHandler endpoint) {
        if (path.indexOf('{') < 0) {
            exact.computeIfAbsent(path, first -> new TreeMap<>()).put(method, endpoint);
        } else {
            Map<String, CallHandler> methods = new TreeMap<>();
            methods.put(method, endpoint);
            patterns.add(new Pattern(path, path.split("/", -1), methods));
        }
        return this;
    }

    /** Every endpoint as {@code METHOD /path}. */
    Set<String> names() {
        Set<String> names = new TreeSet<>();
        exact.forEach((path, methods) -> methods.keySet().forEach(method -> names.add(method + " " + path)));
        patterns.forEach(
                pattern -> pattern.methods().keySet().forEach(method -> names.add(method + " " + pattern.path())));
        return names;
    }

    /** The path's endpoints; null for an unknown path. */
    @Nullable
    Match find(String path) {
        Map<String, CallHandler> methods = exact.get(path);
        if (methods != null) {
            return new Match(path, methods, Map.of());
        }
        String[] parts = path.split("/", -1);
        for (Pattern pattern : patterns) {
            Map<String, String> parameters = parameters(pattern.parts(), parts);
            if (parameters != null) {
                return new Match(pattern.path(), pattern.methods(), parameters);
            }
        }
        return null;
    }

    private static @Nullable Map<String, String> parameters(String[] pattern, String[] parts) {
        if (pattern.length != parts.length) {
            return null;
        }
        Map<String, String> parameters = new LinkedHashMap<>();
        for (int i = 0; i < parts.length; i++) {
            if (pattern[i].startsWith("{") && !parts[i].isEmpty()) {
                parameters.put(pattern[i].substring(1, pattern[i].length() - 1), parts[i]);
            } else if (!pattern[i].equals(parts[i])) {
                return null;
            }
        }
        return parameters;
    }
}
