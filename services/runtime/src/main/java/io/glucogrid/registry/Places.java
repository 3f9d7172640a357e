package io.glucogrid.registry;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Where each definition and its parts stand, for problems that show only when all files are read; and which definitions could
 * not be read whole, so that what refers to them is not reported as well.
 */
final class Places {
    private final Map<String, Place> places = new HashMap<>();
    private final Set<String> incomplete = new HashSet<>();

    /** A file and a line in it. */
    record Place(String file, int line) {}

    void put(String kind, String name, String file, int line) {
        places.putIfAbsent(kind + " " + name, new Place(file, line));
    }

    void putPart(String kind, String name, String part, String file, int line) {
        put(kind, name + "/" + part, file, line);
    }

    Place of(String kind, String name) {
        return places.getOrDefault(kind + " " + name, new Place("definitions", 1));
    }

    /** Place of a part of a definition; that of the definition where the part is not there. */
    Place ofPart(String kind, String name, String part) {
        Place place = places.get(kind + " " + name + "/" + part);
        return place == null ? of(kind, name) : place;
    }

    /** Whether a file has a definition of that name, readable or not. */
    boolean has(String kind, String name) {
        return places.containsKey(kind + " " + name);
    }

    /** Notes that not all is known of a definition that others may refer to. */
    void setIncomplete(String kind, String name) {
        incomplete.add(kind + " " + name);
    }

    boolean isIncomplete(String kind, String name) {
        return incomplete.contains(kind + " " + name);
    }
}
