package io.glucogrid.loaders;

import java.io.IOException;
import java.net.URI;
import java.util.List;
import org.apache.parquet.io.InputFile;
import org.apache.parquet.io.OutputFile;

/** A tier that does what another does, for tests that change one thing about it. */
class TierDecorator implements TierStorage {
    private final TierStorage tier;

    TierDecorator(TierStorage tier) {
        this.tier = tier;
    }

    @Override
    public URI root() {
        return tier.root();
    }

    @Override
    public List<TierFile> list(String folder) throws IOException {
        return tier.list(folder);
    }

    @Override
    public List<String> folders() throws IOException {
        return tier.folders();
    }

    @Override
    public InputFile input(String path) {
        return tier.input(path);
    }

    @Override
    public Pending create(String folder) throws IOException {
        return tier.create(folder);
    }

    @Override
    public void move(String from, String to) throws IOException {
        tier.move(from, to);
    }

    @Override
    public void delete(String path) throws IOException {
        tier.delete(path);
    }

    @Override
    public byte[] read(String path) throws IOException {
        return tier.read(path);
    }

    @Override
    public boolean createIfAbsent(String path, byte[] bytes) throws IOException {
        return tier.createIfAbsent(path, bytes);
    }

    /** A file being written, as another one is. */
    static class PendingDecorator implements Pending {
        private final Pending pending;

        PendingDecorator(Pending pending) {
            this.pending = pending;
        }

        @Override
        public OutputFile output() {
            return pending.output();
        }

        @Override
        public int checksum() {
            return pending.checksum();
        }

        @Override
        public long publish(String path) throws IOException {
            return pending.publish(path);
        }

        @Override
        public void close() throws IOException {
            pending.close();
        }
    }
}
