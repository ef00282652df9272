// How many certificates are fetched for peers that nobody knows yet: hash and URL. RFC 7296 3.6, 5.
using Cygnet.Policy;

namespace Cygnet.Ike;

/// <summary>
/// So many a minute for one address, and so many for all: who can make us fetch could otherwise use us against a third party, or keep us busy.
/// Thread safe.
/// </summary>
public sealed class LookupBudget
{
    public const int PerAddress = 12, Overall = 120;

    static readonly TimeSpan s_window = TimeSpan.FromMinutes(1);

    readonly Lock _lock = new();
    readonly Dictionary<Address, int> _taken = [];
    Instant _ends;
    int _all;

    /// <summary>Takes one; false if there is none left.</summary>
    public bool Take(Address peer, Instant now)
    {
        lock (_lock)
        {
            if (now >= _ends)
            {
                _taken.Clear();
                (_all, _ends) = (0, now + s_window);
            }
            var taken = _taken.GetValueOrDefault(peer);
            if (_all >= Overall || taken >= PerAddress) return false;
            (_taken[peer], _all) = (taken + 1, _all + 1);
            return true;
        }
    }
}
