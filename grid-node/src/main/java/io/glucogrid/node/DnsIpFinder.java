package io.glucogrid.node;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.apache.ignite.spi.IgniteSpiException;
import org.apache.ignite.spi.discovery.tcp.ipfinder.TcpDiscoveryIpFinderAdapter;

/**
 * Peers are all addresses that one DNS name stands for now: a service name of a container network, a headless service or a
 * private DNS namespace. Needs no rights but to resolve a name.
 */
public final class DnsIpFinder extends TcpDiscoveryIpFinderAdapter {
    private String name = "";
    private int port = 47500;

    public DnsIpFinder() {
        setShared(true);
    }

    public void setName(String name) {
        this.name = name;
    }

    /** Discovery port of every peer. */
    public void setPort(int port) {
        this.port = port;
    }

    @Override
    public Collection<InetSocketAddress> getRegisteredAddresses() throws IgniteSpiException {
        List<InetSocketAddress> peers = new ArrayList<>();
        try {
            for (InetAddress address : InetAddress.getAllByName(name)) {
                peers.add(new InetSocketAddress(address, port));
            }
        } catch (UnknownHostException nobodyYet) {
            return List.of();
        }
        return peers;
    }

    /** The platform registers nodes in DNS, not they themselves. */
    @Override
    public void registerAddresses(Collection<InetSocketAddress> addresses) {}

    @Override
    public void unregisterAddresses(Collection<InetSocketAddress> addresses) {}
}
