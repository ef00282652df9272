// What follows from a change of the loaded connections: policies to install, children to initiate, SAs to close. swanctl.conf's start_action.
using Cygnet.Ike;
using Cygnet.Policy;

namespace Cygnet.Control;

static class StartActions
{
    /// <summary>Undoes the actions of removed and changed children, then runs those of new and changed ones. SAs without a start action stay.</summary>
    public static async Task Run(IDaemon daemon, LoadedState before, LoadedState after)
    {
        if (before.Connections == after.Connections) return;
        var undo = new List<(Connection Connection, ChildConfig Child)>();
        var run = new List<(Connection Connection, ChildConfig Child)>();
        var changes = new ConnectionChanges(before, after);
        foreach (var old in changes.Old)
            undo.AddRange(Acting(old).Where(child => !IsUnchanged(child, old, changes.SuccessorOf(old.Name))).Select(child => (old, child)));
        foreach (var @new in changes.New)
            run.AddRange(Acting(@new).Where(child => !IsUnchanged(child, @new, changes.FormerOf(@new.Name))).Select(child => (@new, child)));

        // A policy that is about to be installed again is replaced, so that nothing leaves in clear in between.
        var again = run.Where(r => Traps(r.Child)).Select(r => (r.Connection.Name, r.Child.Name)).ToHashSet();
        foreach (var (connection, child) in undo.Where(u => Traps(u.Child) && !again.Contains((u.Connection.Name, u.Child.Name))))
            daemon.Wish(daemon.HomeShard(connection), new Wish.Uninstall(connection.Name, child.Name, null));
        undo.RemoveAll(u => !Starts(u.Child));
        if (undo.Count > 0) Undo(daemon, await daemon.Snapshots().ToListAsync().ConfigureAwait(false), undo, run, changes);
        foreach (var (connection, child) in run)
        {
            if (Traps(child)) daemon.Wish(daemon.HomeShard(connection), new Wish.Install(connection, child, null));
            if (Starts(child)) daemon.Initiate(new(connection, child, null));
        }
    }

    static IEnumerable<ChildConfig> Acting(Connection c) => c.Children.Where(x => x.StartAction != ChildAction.None);

    static bool Starts(ChildConfig child) => child.StartAction.HasFlag(ChildAction.Start);

    static bool Traps(ChildConfig child) => child.StartAction.HasFlag(ChildAction.Trap);

    /// <summary>Whether the other version of the connection is an update that leaves this child alone.</summary>
    static bool IsUnchanged(ChildConfig child, Connection connection, Connection? other) =>
        other is not null && other.HasSameIkeSettings(connection) && other.Children.Contains(child);

    static void Undo(IDaemon daemon, IReadOnlyList<LocatedSa> sas, List<(Connection Connection, ChildConfig Child)> undo,
        List<(Connection Connection, ChildConfig Child)> run, ConnectionChanges changes)
    {
        foreach (var group in undo.GroupBy(u => u.Connection))
        {
            var names = group.Select(u => u.Child.Name).ToHashSet(StringComparer.Ordinal);
            foreach (var (shard, ike) in sas.Where(s => s.Ike.Name == group.Key.Name))
            {
                var isUsed = ike.Children.Any(c => !names.Contains(c.Name));
                var isUpdate = changes.SuccessorOf(group.Key.Name)?.HasSameIkeSettings(group.Key) == true;
                // On an update the IKE_SA stays if a new child is about to use it.
                if (!isUsed && !(isUpdate && run.Any(r => r.Connection.Name == group.Key.Name && Starts(r.Child))))
                    daemon.Wish(shard, new Wish.TerminateIke(ike.UniqueId, false, null));
                else
                    foreach (var child in ike.Children.Where(c => names.Contains(c.Name)))
                        daemon.Wish(shard, new Wish.TerminateChild(child.UniqueId, null));
            }
        }
    }
}
