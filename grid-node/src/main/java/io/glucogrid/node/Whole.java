package io.glucogrid.node;

import io.glucogrid.cluster.LostPartitions;
import io.glucogrid.cluster.Majority;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Set;
import javax.cache.CacheException;
import org.apache.ignite.Ignite;
import org.apache.ignite.IgniteException;
import org.apache.ignite.spi.discovery.tcp.TcpDiscoverySpi;
import org.jspecify.annotations.Nullable;

/**
 * Whether a node's grid can still be mended from within; asked every half second.
 *
 * <p>A grid that had a majority and has none any more is the smaller piece of a broken one, or all that survived: what it holds
 * may be old already, and cannot be joined with what the others write. Where replicated partitions are lost, the grid no longer
 * knows which segments and definitions there are. In both cases the process ends, and the node that is started in its place
 * joins whoever is there, and rebuilds from the tier and Kafka where nobody is.
 *
 * <p>A node that waits for its first majority goes on waiting, but for one case: two rings of nodes never become one, so where it
 * began while the network was broken, and hears later that there are more nodes than it knows, it ends as well.
 */
final class Whole {
    /** Exit code of a node that wants to be started again: {@code EX_TEMPFAIL}. */
    static final int REJOIN = 75;

    /** Nodes that fail together are noticed one after the other, and others may take their places. */
    private static final int PATIENCE = 3;

    /** A node that is about to join is heard before it is known. */
    private static final int PATIENCE_WITH_OTHERS = 20;

    /** Each question to the other addresses is a connection that their nodes wonder about: one in so many looks. */
    private static final int LOOKS_PER_QUESTION = 10;

    private static final int CONNECT_MILLIS = 200;

    private final Ignite ignite;
    private final Majority majority;
    private boolean wasMet;
    private int times;
    private int looks;
    private int heard;

    Whole(Ignite ignite) {
        this.ignite = ignite;
        this.majority = new Majority(ignite);
    }

    /** What is wrong for good; null where nothing is. */
    @Nullable
    String broken() {
        try {
            String wrong = wrong();
            times = wrong == null ? 0 : times + 1;
            return times < (wasMet ? PATIENCE : PATIENCE_WITH_OTHERS) ? null : wrong;
        } catch (IllegalStateException | IgniteException | CacheException stopping) {
            return null; // whoever stops it says why
        }
    }

    private @Nullable String wrong() {
        if (!majority.isMet()) {
            if (wasMet) {
                return majority.shortfall() + " any more";
            }
            if (looks++ % LOOKS_PER_QUESTION == 0) {
                heard = heard();
            }
            return heard > majority.present() ? majority.shortfall() + ", and " + heard + " are up" : null;
        }
        wasMet = true;
        LostPartitions lost = LostPartitions.of(ignite);
        return lost.replicated().isEmpty() ? null : "lost partitions of " + lost.replicated();
    }

    /** How many of the configured addresses have a node behind them, this one's own among them. */
    private int heard() {
        if (!(ignite.configuration().getDiscoverySpi() instanceof TcpDiscoverySpi discovery)) {
            return 0;
        }
        Set<InetSocketAddress> peers = resolved(discovery.getIpFinder().getRegisteredAddresses());
        for (String own : ignite.cluster().localNode().addresses()) {
            peers.remove(new InetSocketAddress(own, discovery.getLocalPort()));
        }
        return 1 + (int) peers.stream().filter(Whole::isHeard).count();
    }

    /** Addresses of peers as numbers, each once: a finder may know them by names, and one address by several. */
    static Set<InetSocketAddress> resolved(Collection<InetSocketAddress> peers) {
        Set<InetSocketAddress> resolved = new LinkedHashSet<>();
        for (InetSocketAddress peer : peers) {
            InetAddress address = peer.getAddress();
            InetSocketAddress now =
                    address == null ? new InetSocketAddress(peer.getHostString(), peer.getPort()) : peer;
            if (!now.isUnresolved()) {
                resolved.add(now);
            }
        }
        return resolved;
    }

    private static boolean isHeard(InetSocketAddress address) {
        try (Socket socket = new Socket()) {
            socket.connect(address, CONNECT_MILLIS);
            return true;
        } catch (IOException nobody) {
            return false;
        }
    }
}
