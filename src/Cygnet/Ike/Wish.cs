// What an operator (through VICI) can ask of the engine. Every wish with a watcher ends in exactly one Done.
using Cygnet.Policy;

namespace Cygnet.Ike;

public abstract record Wish
{
    /// <summary>Brings up the child (or, null, the IKE_SA alone). An established IKE_SA of the connection is used again.</summary>
    public sealed record Initiate(Connection Connection, ChildConfig? Child, IWatcher? Watcher) : Wish;

    /// <summary>Deletes an IKE_SA. Force: without waiting for the peer.</summary>
    public sealed record TerminateIke(int UniqueId, bool Force, IWatcher? Watcher) : Wish;

    public sealed record TerminateChild(int UniqueId, IWatcher? Watcher) : Wish;

    public sealed record RekeyIke(int UniqueId, bool Reauthenticate) : Wish;

    public sealed record RekeyChild(int UniqueId) : Wish;

    /// <summary>Deletes every IKE_SA, one datagram each, for shutdown.</summary>
    public sealed record TerminateAll : Wish;
}
