// The Netfilter marks and XFRM interfaces of one CHILD_SA, with what %unique stands for. swanctl.conf(5).
using Cygnet.Policy;

namespace Cygnet.Ike;

/// <summary>Only for children that have some; the SA that takes another's place has the same.</summary>
public sealed record ChildMarks(Mark In, Mark Out, uint IfIdIn, uint IfIdOut)
{
    /// <summary>Null if the child has none. <paramref name="ike"/>: the numbers of its IKE_SA's XFRM interfaces, which it may have inherited; null without an IKE_SA.</summary>
    internal static ChildMarks? Of(ChildConfig config, SharedState shared, (uint In, uint Out)? ike = null)
    {
        if (!config.MarkIn.IsSet && !config.MarkOut.IsSet && config.IfIdIn == 0 && config.IfIdOut == 0) return null;
        uint mark = 0;
        Mark Unique(Mark m) => !m.IsUnique && !m.IsUniquePerDirection ? m : new(m.IsUniquePerDirection || mark == 0 ? mark = shared.NextMark() : mark, m.Mask);
        var (ifIdIn, ifIdOut) = IfIds(config.InheritsIfIdIn && ike is { } i ? i.In : config.IfIdIn, config.InheritsIfIdOut && ike is { } o ? o.Out : config.IfIdOut, shared);
        return new(Unique(config.MarkIn), Unique(config.MarkOut), ifIdIn, ifIdOut);
    }

    /// <summary>The numbers of XFRM interfaces, where <c>%unique</c> and <c>%unique-dir</c> stand for new ones.</summary>
    internal static (uint In, uint Out) IfIds(uint inbound, uint outbound, SharedState shared)
    {
        uint ifId = 0;
        uint Unique(uint id) => id switch
        {
            ChildConfig.UniqueIfIdPerDirection => ifId = shared.NextIfId(),
            ChildConfig.UniqueIfId => ifId == 0 ? ifId = shared.NextIfId() : ifId,
            _ => id,
        };
        return (Unique(inbound), Unique(outbound));
    }

    /// <summary>The mark that packets of an SA get: as configured, or the one that they have to have.</summary>
    internal static Mark Set(Mark set, Mark own) => set.IsSame ? own with { Mask = set.Mask } : set;
}
