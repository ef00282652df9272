// The Netfilter marks and XFRM interfaces of one CHILD_SA, with what %unique stands for. swanctl.conf(5).
using Cygnet.Policy;

namespace Cygnet.Ike;

/// <summary>Only for children that have some; the SA that takes another's place has the same.</summary>
public sealed record ChildMarks(Mark In, Mark Out, uint IfIdIn, uint IfIdOut)
{
    /// <summary>Null if the child has none.</summary>
    internal static ChildMarks? Of(ChildConfig config, SharedState shared)
    {
        if (!config.MarkIn.IsSet && !config.MarkOut.IsSet && config.IfIdIn == 0 && config.IfIdOut == 0) return null;
        uint mark = 0, ifId = 0;
        Mark Unique(Mark m) => !m.IsUnique && !m.IsUniquePerDirection ? m : new(m.IsUniquePerDirection || mark == 0 ? mark = shared.NextMark() : mark, m.Mask);
        uint UniqueId(uint id) => id switch
        {
            ChildConfig.UniqueIfIdPerDirection => ifId = shared.NextIfId(),
            ChildConfig.UniqueIfId => ifId == 0 ? ifId = shared.NextIfId() : ifId,
            _ => id,
        };
        return new(Unique(config.MarkIn), Unique(config.MarkOut), UniqueId(config.IfIdIn), UniqueId(config.IfIdOut));
    }

    /// <summary>The mark that packets of an SA get: as configured, or the one that they have to have.</summary>
    internal static Mark Set(Mark set, Mark own) => set.IsSame ? own with { Mask = set.Mask } : set;
}
