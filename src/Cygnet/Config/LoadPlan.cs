// What is to be sent to the daemon for one reading of the configuration files. swanctl.conf(5).
using Cygnet.Control;

namespace Cygnet.Config;

/// <summary>A VICI request; the label names it in messages.</summary>
public sealed record LoadRequest(string Command, ViciSection Message, string Label);

/// <summary>What is done with a child once it is loaded.</summary>
public enum PlannedAction { Add, Route, Start }

/// <summary>A conn of ipsec.conf: a child of the connection that it was merged into, with its settings as the protocol encodes them.</summary>
public sealed record PlannedChild(string Name, PlannedAction Action, Position At, ViciEncoded Settings);

/// <summary>The requests in the order in which they are sent, with everything there is to say about them.</summary>
public sealed class LoadPlan
{
    internal List<LoadRequest> CredentialList { get; } = [];

    internal List<LoadRequest> PoolList { get; } = [];

    internal List<PlannedConnection> ConnectionList { get; } = [];

    internal List<ConfigError> ErrorList { get; } = [];

    internal List<string> LogList { get; } = [];

    internal List<string> DirectoryList { get; } = [];

    /// <summary>What has been read of <c>ike=</c>, <c>esp=</c> and <c>ah=</c>, by the text as it is written.</summary>
    internal Dictionary<(Cygnet.Crypto.SecurityProtocol, string), List<string>> Proposals { get; } = [];

    /// <summary>Certificates, keys and secrets.</summary>
    public IReadOnlyList<LoadRequest> Credentials => CredentialList;

    /// <summary>Pools of virtual addresses that connections name.</summary>
    public IReadOnlyList<LoadRequest> Pools => PoolList;

    public IReadOnlyList<PlannedConnection> Connections => ConnectionList;

    /// <summary>Complaints in the order in which they are printed; a conn that one refuses is not among the connections.</summary>
    public IReadOnlyList<ConfigError> Errors => ErrorList;

    /// <summary>What the reference logs about what it read (group CFG).</summary>
    public IReadOnlyList<string> Log => LogList;

    /// <summary>
    /// Of these what a daemon that begins logs about the directories of ipsec.d, with a line for each file that cannot be loaded; what it does with
    /// the rest it sees itself.
    /// </summary>
    public IReadOnlyList<string> DirectoriesLog => DirectoryList;

    /// <summary>Nothing may be loaded, and nothing unloaded.</summary>
    public bool IsFatal => ErrorList.Exists(e => e.IsFatal);

    /// <summary>Everything to send, in order.</summary>
    public IEnumerable<LoadRequest> Requests => CredentialList.Concat(PoolList).Concat(ConnectionList.SelectMany(c => c.Requests));
}
