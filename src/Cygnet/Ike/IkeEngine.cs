// The protocol engine of one shard: inputs in, effects out to IHost.
namespace Cygnet.Ike;

public sealed partial class IkeEngine
{
    public void Finished(Work work) => work.Finish();
}
