// What all shards of a daemon share.
using Cygnet.Charon.Logging;
using Cygnet.Charon.Scripts;
using Cygnet.Control;
using Cygnet.Crypto;
using Cygnet.Esp;
using Cygnet.Ike;
using Cygnet.Pki.Revocation;

namespace Cygnet.Charon.Shards;

/// <summary>Everything in it is thread safe.</summary>
sealed record ShardSurroundings(IOutside Outside, IDataPlane DataPlane, ICryptoDoor Crypto, IRandom Random, Log Log, EventHub Hub, WorkPool Pool, SharedState Shared,
    NameLookup Lookup)
{
    public IHostConfiguration? HostConfiguration { get; init; }

    /// <summary>Null unless charon.x-qcd.make says so.</summary>
    public CrashTokens? CrashTokens { get; init; }

    /// <summary>Runs leftupdown; null in tests that have no scripts.</summary>
    public UpdownScripts? Updown { get; init; }

    /// <summary>Fetches CRLs and asks OCSP responders; null in tests that have nobody to ask.</summary>
    public IStatusFetcher? StatusFetcher { get; init; }

    /// <summary>The daemon's RADIUS; null in tests that have none.</summary>
    public RadiusService? Radius { get; init; }
}
