// What an operator (through VICI) can ask of the engine. Every wish with a watcher ends in exactly one Done.
using System.Collections.Immutable;
using Cygnet.Policy;

namespace Cygnet.Ike;

public abstract record Wish
{
    /// <summary>Brings up the child (or, null, the IKE_SA alone). An established IKE_SA of the connection is used again.</summary>
    public sealed record Initiate(Connection Connection, ChildConfig? Child, IWatcher? Watcher) : Wish
    {
        /// <summary>The packet that met a trap, if that is why.</summary>
        public Acquired? Acquired { get; init; }

        /// <summary>The virtual addresses that an IKE_SA before had, to ask for again.</summary>
        public ImmutableArray<Address> Vips { get; init; } = [];
    }

    /// <summary>Installs the trap or shunt policy of a child, in place of one of the same names. For the connection's home shard.</summary>
    public sealed record Install(Connection Connection, ChildConfig Child, IWatcher? Watcher) : Wish;

    /// <summary>Removes the trap or shunt policy of those names. For the shard that has it.</summary>
    public sealed record Uninstall(string Connection, string Child, IWatcher? Watcher) : Wish;

    /// <summary>Deletes an IKE_SA. Force: without waiting for the peer.</summary>
    public sealed record TerminateIke(int UniqueId, bool Force, IWatcher? Watcher) : Wish
    {
        /// <summary>The peer has forgotten it already: with force, without a word to it.</summary>
        public bool IsForgotten { get; init; }

        /// <summary>In favour of another IKE_SA with the same peer, on which its children go on.</summary>
        public bool Yields { get; init; }
    }

    public sealed record TerminateChild(int UniqueId, IWatcher? Watcher) : Wish;

    public sealed record RekeyIke(int UniqueId, bool Reauthenticate) : Wish;

    public sealed record RekeyChild(int UniqueId) : Wish;

    /// <summary>Sends the client of an IKE_SA to another gateway. RFC 5685 5.</summary>
    public sealed record Redirect(int UniqueId, Identity Gateway) : Wish;

    /// <summary>What an authentication server has changed its mind about: how long the peer is authenticated, and its groups; null: as it was.</summary>
    public sealed record Reauthorize(int UniqueId, TimeSpan? AuthLifetime, ImmutableArray<string>? Groups) : Wish;

    /// <summary>Deletes every IKE_SA, one datagram each, for shutdown.</summary>
    public sealed record TerminateAll : Wish;
}
