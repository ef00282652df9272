// The XFRM interfaces of an IKE_SA, which its children may inherit. swanctl.conf(5), if_id_in and if_id_out of a connection.
namespace Cygnet.Ike;

sealed partial class IkeSa
{
    (uint In, uint Out)? _ifIds;

    /// <summary>Their numbers, 0 without; chosen once, when somebody needs them first, and kept by whatever takes this SA's place by rekeying.</summary>
    public (uint In, uint Out) IfIds
    {
        get
        {
            if (_ifIds is { } known) return known;
            // until the peer is known, so is not which connection it gets
            if (Connection is not { } c || !IsInitiator && Phase < Phase.Established) return default;
            _ifIds = ChildMarks.IfIds(c.IfIdIn, c.IfIdOut, Engine.Host.Shared);
            return _ifIds.Value;
        }
    }
}
