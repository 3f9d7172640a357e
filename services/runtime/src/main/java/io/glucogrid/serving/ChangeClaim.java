package io.glucogrid.serving;

import io.glucogrid.grid.Caches;
import java.util.UUID;
import org.apache.ignite.Ignite;
import org.apache.ignite.IgniteCache;

/**
 * Who is bringing which registry version into force, as an entry of the registry cache: {@code "<version> <node>"}. It lets the
 * others tell a change under way from one whose node died or failed half-way, which somebody has to finish.
 */
final class ChangeClaim {
    private static final String KEY = "change";
    private static final String NOBODY = "-";

    private final Ignite ignite;

    ChangeClaim(Ignite ignite) {
        this.ignite = ignite;
    }

    /** This node brings a version into force. */
    void begin(long version) {
        cache().put(KEY, text(version, ignite.cluster().localNode().id().toString()));
    }

    /** This node gave up half-way. */
    void giveUp(long version) {
        cache().replace(KEY, text(version, ignite.cluster().localNode().id().toString()), text(version, NOBODY));
    }

    /** A version is in force, whoever did it. */
    void end(long version) {
        String claim = cache().get(KEY);
        if (claim != null && versionOf(claim) <= version) {
            cache().remove(KEY, claim);
        }
    }

    /** Version that somebody is bringing into force, or was; 0 for none. */
    long version() {
        String claim = cache().get(KEY);
        return claim == null ? 0 : versionOf(claim);
    }

    /** Whether whoever claimed the change gave up or left the grid. */
    boolean isAbandoned() {
        String claim = cache().get(KEY);
        String node = claim == null ? null : claim.substring(claim.indexOf(' ') + 1);
        return node != null && (node.equals(NOBODY) || isGone(node));
    }

    private boolean isGone(String node) {
        return ignite.cluster().node(UUID.fromString(node)) == null;
    }

    private static String text(long version, String node) {
        return version + " " + node;
    }

    private static long versionOf(String claim) {
        return Long.parseLong(claim.substring(0, claim.indexOf(' ')));
    }

    private IgniteCache<String, String> cache() {
        return Caches.REGISTRY.in(ignite);
    }
}
