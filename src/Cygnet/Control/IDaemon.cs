// What the commands need of the daemon around them. Implemented by charon, and by a stand-in in the tests of the commands.
using System.Collections.Immutable;
using Cygnet.Esp;
using Cygnet.Ike;
using Cygnet.Pki.Revocation;
using Cygnet.Policy;

namespace Cygnet.Control;

/// <summary>A picture of an IKE_SA and the shard on which it lives.</summary>
public readonly record struct LocatedSa(int Shard, IkeSnapshot Ike);

/// <summary>A trap or shunt and the shard that has it.</summary>
public readonly record struct LocatedPolicy(int Shard, PolicySnapshot Policy);

/// <summary>Figures of the <c>stats</c> command. Queues are in the order critical, high, medium, low.</summary>
public sealed record DaemonFigures(int Workers, int Idle, ImmutableArray<int> Active, ImmutableArray<int> Queues, int Scheduled, int IkeSas, int HalfOpen);

public interface IDaemon
{
    string Version { get; }

    /// <summary>Release and machine as uname has them.</summary>
    string KernelRelease { get; }

    string Machine { get; }

    /// <summary>The host's monotonic clock, the one that snapshots use; and what it was when the daemon started.</summary>
    Instant Now { get; }
    Instant Started { get; }

    /// <summary>The clock on the wall, which may be set anew at any moment; with the local offset.</summary>
    DateTimeOffset WallTime { get; }

    /// <summary>The loaded connections and credentials.</summary>
    ConfigurationStore Store { get; }

    ImmutableArray<string> Features { get; }

    /// <summary>CRLs and OCSP responses that were fetched.</summary>
    StatusCache Statuses { get; }

    /// <summary>
    /// Ascending by unique id. Taken in portions, between which IKE goes on: each SA is as it was when its portion was taken, and one that
    /// exists all the while comes exactly once.
    /// </summary>
    IAsyncEnumerable<LocatedSa> Snapshots();

    /// <summary>Traps and shunts, each kind in the order of installation; those alone of a connection or of a child that is named.</summary>
    Task<IReadOnlyList<LocatedPolicy>> Policies(string? connection, string? child);

    Task<DaemonFigures> Figures();

    /// <summary>Half-open IKE_SAs at which an initiation that asks for limits is refused; 0 is off.</summary>
    int InitLimitHalfOpen { get; }

    /// <summary>The shard that has the policies of a connection, and on which its SAs are initiated if there are none yet.</summary>
    int HomeShard(Connection connection);

    void Wish(int shard, Wish wish);

    /// <summary>For the shard that has an IKE_SA of the connection onto which the child can go, wherever that one came to be; else for the home shard.</summary>
    void Initiate(Wish.Initiate wish);

    /// <summary>Whoever loads the configuration has loaded all of it, and started what is to be started.</summary>
    void Loaded()
    {
    }

    /// <summary>Reads strongswan.conf again; the reason if that fails.</summary>
    string? ReloadSettings();

    IReadOnlyList<Address> LocalAddresses();

    /// <summary>Sets the level of a group in every logger, of all groups if null.</summary>
    void SetLogLevel(LogGroup? group, int level);

    /// <summary>Whether <see cref="SetLogLevel"/> is for clients: <c>plugins.stroke.prevent_loglevel_changes</c>.</summary>
    bool MayChangeLogLevels => true;

    void Log(LogGroup group, int level, string text);

    /// <summary>While the result lives, lines up to that level are made even if no logger wants them.</summary>
    IDisposable WantLog(int level);

    /// <summary>Counters by connection; the empty name is the whole daemon. In the order of the protocol.</summary>
    Task<IReadOnlyDictionary<string, long[]>> Counters();

    /// <summary>Why the data plane cannot carry the child as it is configured, a sentence for the operator; null if it can.</summary>
    PlaneRefusal? Refuses(ChildConfig child);

    /// <summary>Keeps a refusal for <c>ipsec why</c>.</summary>
    void Keep(RefusalEntry refusal);

    /// <summary>What was refused for a connection, or (null) at all; oldest first.</summary>
    IReadOnlyList<RefusalEntry> Refusals(string? connection);

    /// <summary>Smartcards and the like.</summary>
    ITokens Tokens => NoTokens.Instance;

    /// <summary>A certificate's file that a request names by its absolute path; null and a sentence why it cannot be read.</summary>
    byte[]? ReadFile(string path, out string why);

    void ResetCounters(string? connection, bool all);

    void Shutdown();
}
