// Which SAs a terminate or rekey command means. For IKE_SAs name and id are alternatives, for CHILD_SAs every criterion must hold.
using System.Diagnostics.CodeAnalysis;
using Cygnet.Ike;

namespace Cygnet.Control;

/// <summary>An SA that was meant: an IKE_SA, or one of its children.</summary>
readonly record struct SaMatch(int Shard, int UniqueId, bool IsChild)
{
    public Wish Terminate(bool force, IWatcher? watcher) =>
        IsChild ? new Wish.TerminateChild(UniqueId, watcher) : new Wish.TerminateIke(UniqueId, force, watcher);

    public Wish Rekey(bool reauthenticate) => IsChild ? new Wish.RekeyChild(UniqueId) : new Wish.RekeyIke(UniqueId, reauthenticate);
}

sealed record SaSelector(string? Ike, long IkeId, string? Child, long ChildId)
{
    public static bool TryRead(ViciSection request, [NotNullWhen(true)] out SaSelector? selector)
    {
        selector = new(request.Utf8("ike"), request.Number("ike-id"), request.Utf8("child"), request.Number("child-id"));
        if (selector is not { Ike: null, IkeId: 0, Child: null, ChildId: 0 }) return true;
        selector = null;
        return false;
    }

    public async Task<IReadOnlyList<SaMatch>> Select(IAsyncEnumerable<LocatedSa> sas)
    {
        var matches = new List<SaMatch>();
        await foreach (var (shard, ike) in sas.ConfigureAwait(false))
            if (Child is null && ChildId == 0)
            {
                if ((Ike is not null && ike.Name == Ike) || (IkeId != 0 && ike.UniqueId == IkeId)) matches.Add(new(shard, ike.UniqueId, false));
            }
            else if ((Ike is null || ike.Name == Ike) && (IkeId == 0 || ike.UniqueId == IkeId))
                matches.AddRange(ike.Children.Where(c => (Child is null || c.Name == Child) && (ChildId == 0 || c.UniqueId == ChildId))
                    .Select(c => new SaMatch(shard, c.UniqueId, true)));
        return matches;
    }
}
