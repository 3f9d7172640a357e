package io.glucogrid.registry;

import io.glucogrid.feature.Definitions;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.json.Json;
import io.glucogrid.json.Marked;
import io.glucogrid.json.Yaml;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One version of the registry, as the registry cache and the tier's {@code meta/} hold it.
 *
 * @param version rises by one with each change; a teardown is a change
 * @param definitions what this version defines; of a torn-down registry it is what was there before, kept for the record
 * @param appliedMicros when the version was made, microseconds since the epoch; 0 where that is not known
 */
public record RegistryDocument(long version, State state, Definitions definitions, long appliedMicros) {
    /** Whether the definitions are in force. */
    public enum State {
        APPLIED,
        TORN_DOWN
    }

    /** What is in force by this version: nothing after a teardown. */
    public Definitions inForce() {
        return state == State.APPLIED ? definitions : Definitions.empty(definitions.project());
    }

    /** The text to store; equal documents have equal texts. */
    public String text() {
        Map<String, @Nullable Object> tree = new LinkedHashMap<>();
        tree.put("version", version);
        tree.put("state", state.name());
        tree.put("applied_micros", appliedMicros);
        tree.put("definitions", DefinitionsText.tree(definitions));
        return Json.text(tree);
    }

    /**
     * What {@link #text} wrote.
     *
     * @throws GridException DAMAGED_DATA where the text is something else
     */
    public static RegistryDocument parse(String text) {
        Marked document = Yaml.parse(text, (line, problem) -> {});
        Map<String, Marked> members = document.mapping();
        Marked version = members == null ? null : members.get("version");
        Marked state = members == null ? null : members.get("state");
        Marked applied = members == null ? null : members.get("applied_micros");
        Marked definitions = members == null ? null : members.get("definitions");
        if (version == null || state == null || definitions == null) {
            throw new GridException(ErrorCode.DAMAGED_DATA, "the stored registry cannot be read");
        }
        try {
            return new RegistryDocument(
                    Long.parseLong(String.valueOf(version.scalar())),
                    State.valueOf(String.valueOf(state.scalar())),
                    DefinitionsParser.read("registry", definitions),
                    applied == null ? 0 : Long.parseLong(String.valueOf(applied.scalar())));
        } catch (IllegalArgumentException unreadable) {
            throw new GridException(ErrorCode.DAMAGED_DATA, "the stored registry cannot be read", unreadable);
        }
    }
}
