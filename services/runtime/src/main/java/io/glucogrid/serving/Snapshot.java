package io.glucogrid.serving;

import io.glucogrid.feature.Definitions;
import io.glucogrid.feature.FeatureService;
import io.glucogrid.feature.Source;
import io.glucogrid.grid.DidYouMean;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.registry.RegistryDocument;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** One version of the registry, compiled; what every read and write of this node follows. Immutable. */
final class Snapshot {
    private static final int MOST_LISTS = 256;

    private final RegistryDocument document;
    private final Definitions definitions;
    private final Planner planner;
    private final Map<String, ReadPlan> services = new HashMap<>();
    private final Map<Selection, ReadPlan> lists = new ConcurrentHashMap<>();

    private Snapshot(RegistryDocument document, Definitions definitions) {
        this.document = document;
        this.definitions = definitions;
        this.planner = new Planner(definitions);
    }

    /** Compiles a version; a torn-down one defines nothing. */
    static Snapshot compile(RegistryDocument document) {
        Definitions definitions = document.inForce();
        Snapshot snapshot = new Snapshot(document, definitions);
        for (FeatureService service : definitions.services().values()) {
            snapshot.services.put(service.name(), snapshot.planner.service(service));
        }
        return snapshot;
    }

    RegistryDocument document() {
        return document;
    }

    Definitions definitions() {
        return definitions;
    }

    Planner planner() {
        return planner;
    }

    /** The plan of a service; NOT_FOUND where there is none of that name. */
    ReadPlan service(String name) {
        ReadPlan plan = services.get(name);
        if (plan == null) {
            throw unknown("feature service", name, services.keySet());
        }
        return plan;
    }

    /**
     * The plan of a list of features. Callers ask for few different lists, over and over, so the first ones are kept.
     *
     * @throws GridException as {@link Planner#features}
     */
    ReadPlan features(Selection list) {
        ReadPlan known = lists.get(list);
        if (known == null) {
            known = planner.features(list.features(), list.fullNames());
            if (lists.size() < MOST_LISTS) {
                lists.put(list, known);
            }
        }
        return known;
    }

    /** A push source by name; NOT_FOUND where there is none. */
    Source.Push pushSource(String name) {
        if (definitions.sources().get(name) instanceof Source.Push push) {
            return push;
        }
        throw unknown("push source", name, definitions.sources().keySet());
    }

    private static GridException unknown(String kind, String name, Collection<String> known) {
        return new GridException(
                ErrorCode.NOT_FOUND, kind + " '" + name + "' does not exist" + DidYouMean.suffix(name, known));
    }
}
