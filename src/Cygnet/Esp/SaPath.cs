// An SA's outer endpoints as one object, so that packet threads see a change of them whole.
namespace Cygnet.Esp;

sealed class SaPath(EspPath path)
{
    public readonly EspPath Path = path;
}
